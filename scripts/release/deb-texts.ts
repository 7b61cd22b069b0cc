import type { Plan } from './plan.ts';

const MAINTAINER = 'The k8s-run authors <k8s-run@users.noreply.github.com>';
const HOMEPAGE = 'https://github.com/k8s-run/k8s-run';

/** DEBIAN/control (deb-control(5)). It depends on nothing: the folder has its own C library. */
export function controlOf(version: string, arch: string, kilobytes: number): string {
  return `Package: k8s-run
Version: ${version.replace('-', '~')}-1
Architecture: ${arch}
Maintainer: ${MAINTAINER}
Installed-Size: ${kilobytes}
Section: admin
Priority: optional
Multi-Arch: foreign
Homepage: ${HOMEPAGE}
Description: PID 1 for Kubernetes: health probes and graceful shutdown
 k8s-run starts one app, answers the three probes of Kubernetes for it, and
 shuts it down so that a rolling update fails no new connection. The app is
 not changed.
 .
 It also checks Kubernetes manifests, rehearses rolling updates on this
 machine, and is a plugin of kubectl. The package has its own Node.js and C
 library in /opt/k8s-run, which may be copied into any image.
`;
}

/** The changelog of the packaging, which has no history of its own: what changed is in changelog.gz. */
export function changelogOf({ version, epoch }: Plan): string {
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');
  return `k8s-run (${version.replace('-', '~')}-1) unstable; urgency=medium

  * New release; changelog.gz says what is new.

 -- ${MAINTAINER}  ${date}
`;
}

/** debian/copyright in its machine-readable format; the texts of all parts are in the package. */
export function copyrightOf(licence: string): string {
  const [, holder = ''] = /^Copyright \(c\) (.*)$/m.exec(licence) ?? [];
  const text = licence
    .slice(licence.indexOf('Permission is hereby'))
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line}`))
    .join('\n');
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: k8s-run
Source: ${HOMEPAGE}
Comment:
 The portable folder contains parts of others. Their licences, and where their
 sources are, stand in /opt/k8s-run/licenses/README.txt; for machines in
 /opt/k8s-run/sbom.cdx.json.

Files: *
Copyright: ${holder}
License: Expat

Files: opt/k8s-run/lib/k8s-run
Copyright: Node.js contributors, and others: /opt/k8s-run/licenses/node.txt
License: Expat

Files: opt/k8s-run/lib/ld-linux-* opt/k8s-run/lib/libc.so.6 opt/k8s-run/lib/libm.so.6 opt/k8s-run/lib/libdl.so.2 opt/k8s-run/lib/libpthread.so.0
Copyright: Free Software Foundation, Inc.: /opt/k8s-run/licenses/libc6.txt
License: LGPL-2.1+
 The text is in /usr/share/common-licenses/LGPL-2.1 on Debian.

Files: opt/k8s-run/lib/libstdc++.so.6 opt/k8s-run/lib/libgcc_s.so.1 opt/k8s-run/lib/libatomic.so.1
Copyright: Free Software Foundation, Inc.: /opt/k8s-run/licenses/libstdc++6.txt
License: GPL-3+ with GCC Runtime Library Exception
 The text of the GPL is in /usr/share/common-licenses/GPL-3 on Debian, that of
 the exception in /opt/k8s-run/licenses/libstdc++6.txt.

License: Expat
${text}
`;
}

/** What lintian finds and is meant, each with the reason. */
export const OVERRIDES: string = `# The folder is made for /opt/k8s-run: that path is copied into images, and
# stands in their manifests.
k8s-run: dir-or-file-in-opt
# It is made elsewhere than in Debian, whose bugs it closes none of.
k8s-run: initial-upload-closes-no-bugs *
# It must run in images with another C library or none, so it has its own, and
# Node.js as its project publishes it, with what that contains. Security
# updates of these parts come with a new version of k8s-run; sbom.cdx.json in
# the folder lists them for scanners.
k8s-run: custom-library-search-path RUNPATH /opt/k8s-run/lib *
k8s-run: embedded-library *
k8s-run: undeclared-elf-prerequisites *
k8s-run: shared-library-lacks-prerequisites *
k8s-run: missing-dep-for-interpreter node *
k8s-run: hardening-no-pie [opt/k8s-run/lib/k8s-run]
# The launcher is 10 kB without any library, to start in an empty image.
k8s-run: statically-linked-binary [opt/k8s-run/bin/k8s-run]
# All of lib/ has the mode of its loader, which is executed.
k8s-run: shared-library-is-executable *
`;
