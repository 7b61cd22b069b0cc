# k8s-run over a small Node base:   docker build -t k8s-run .
# On Alpine instead of Debian:      docker build -t k8s-run --build-arg NODE_IMAGE=node:26-alpine .
ARG NODE_IMAGE=node:26-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# The image has its Node already; the one that npm would bring is for machines with an older one.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN /usr/local/bin/node scripts/build.ts

FROM ${NODE_IMAGE}
COPY --from=build /build/package.json /opt/k8s-run/
COPY --from=build /build/bin /opt/k8s-run/bin
COPY --from=build /build/dist /opt/k8s-run/dist
# By number, so that a kubelet can check runAsNonRoot; it is the user `node` of the base.
USER 1000:1000
EXPOSE 20080
STOPSIGNAL SIGTERM
# Exec form: k8s-run is PID 1 itself. SIGUSR1 would open the inspector of Node until our own listener is there; a small
# young generation saves a MiB, for there is little garbage.
# Options and the app's command follow: CMD ["node", "server.js"], or K8S_RUN_… variables for the options.
ENTRYPOINT ["/usr/local/bin/node", "--disable-sigusr1", "--max-semi-space-size=1", "/opt/k8s-run/bin/k8s-run.js"]
