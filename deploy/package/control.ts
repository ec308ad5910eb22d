const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', ppc64: 'ppc64el' };

/** Debian's word for this machine. @throws Error where hamn is not packaged */
export function debianArchitecture(): string {
  const architecture = architectures[process.arch];
  if (architecture === undefined) {
    throw new Error(`hamn is packaged for x64, arm64 and ppc64le, not for ${process.arch}.`);
  }
  return architecture;
}

/** DEBIAN/control. The libraries are those of the bundled Node; the rest is essential on Debian. */
export const controlText = (version: string, installedKib: number): string => `Package: hamn
Version: ${version}
Architecture: ${debianArchitecture()}
Maintainer: hamn <hamn@localhost>
Installed-Size: ${installedKib}
Depends: systemd, libc6 (>= 2.28), libstdc++6, libgcc-s1
Recommends: openssl
Suggests: etcd-server, postgresql, rsync, openssh-server
Section: admin
Priority: optional
Description: keeps an xCAT management node alive
 hamn moves the virtual IP address, PostgreSQL and xCAT's services of a
 management node to another node when it dies, without split brain and
 without losing acknowledged writes. It brings its own Node runtime.
`;
