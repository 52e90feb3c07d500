import {access} from 'node:fs/promises';
import {command} from './command.ts';

/** What a node is made of, apart from the binaries that are built: a file that shows it is there, and its package. */
const NODE_PACKAGES: Readonly<Record<string, string>> = {
  '/usr/bin/containerd': 'containerd',
  '/usr/sbin/runc': 'runc',
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
  '/usr/sbin/iptables': 'iptables',
  '/usr/sbin/conntrack': 'conntrack',
  '/usr/bin/socat': 'socat',
  '/bin/busybox': 'busybox-static',
  '/usr/sbin/ip': 'iproute2',
};

/** @throws with the names of the packages when they are missing and can't be installed */
export async function installPackages(packages = NODE_PACKAGES): Promise<void> {
  const missing: string[] = [];
  for (const [path, name] of Object.entries(packages)) if (!(await exists(path))) missing.push(name);
  if (missing.length === 0) return;
  console.error(`installing ${missing.join(' ')} …`);
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  try {
    await command([...apt, 'update']);
    await command([...apt, 'install', '-y', '--no-install-recommends', ...missing]);
  } catch (error) {
    throw new Error(`the Debian packages are needed: ${missing.join(', ')}; they could not be installed`, {
      cause: error,
    });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
