# The portable folder, for any image:   docker build -t k8s-run .
#   COPY --from=k8s-run /opt/k8s-run /opt/k8s-run
# k8s-run over a small Node base:       docker build -t k8s-run:node --target node .
# The latter on Alpine, not Debian:     docker build -t k8s-run:node --target node --build-arg NODE_IMAGE=node:26-alpine .
ARG NODE_IMAGE=node:26-slim
# The libraries of the folder are this Debian's.
ARG DEBIAN_NODE_IMAGE=node:26-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
COPY scripts/node-bin-setup scripts/node-bin-setup
# The image has its Node already; the one that npm would bring is for machines with an older one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The links of the image are made here, so that its own stage runs nothing, and can be built for another architecture.
RUN /usr/local/bin/node scripts/build.ts \
  && ln -s k8s-run.js bin/k8s-run \
  && mkdir links && ln -s /opt/k8s-run/bin/k8s-run links/k8s-run

FROM ${NODE_IMAGE} AS node
COPY --from=build /build/package.json /build/LICENSE /opt/k8s-run/
# With k8s-run at the path that the folder has, and a link on the PATH: for exec probes and HEALTHCHECK.
COPY --from=build /build/bin /opt/k8s-run/bin
COPY --from=build /build/dist /opt/k8s-run/dist
COPY --from=build /build/links/ /usr/local/bin/
# By number, so that a kubelet can check runAsNonRoot; it is the user `node` of the base.
USER 1000:1000
EXPOSE 20080
STOPSIGNAL SIGTERM
# Exec form: k8s-run is PID 1 itself. SIGUSR1 would open the inspector of Node until our own listener is there; a small
# young generation saves a MiB, because k8s-run makes little garbage.
# Options and the app's command follow: CMD ["node", "server.js"], or K8S_RUN_… variables for the options.
ENTRYPOINT ["/usr/local/bin/node", "--disable-sigusr1", "--max-semi-space-size=1", "/opt/k8s-run/bin/k8s-run.js"]

FROM ${DEBIAN_NODE_IMAGE} AS bundle
RUN apt-get update \
  && apt-get install -y --no-install-recommends gcc binutils patchelf libatomic1 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json ./
COPY scripts/node-bin-setup scripts/node-bin-setup
# With the scripts: the runtime of the folder is npm's Node, whose sum is known, not the image's.
RUN npm ci --ignore-scripts --no-audit --no-fund && npm rebuild --no-audit --no-fund node
COPY . .
RUN npm run build:bundle -- --out /opt/k8s-run

FROM scratch
COPY --from=bundle /opt/k8s-run /opt/k8s-run
EXPOSE 20080
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/k8s-run/bin/k8s-run"]
