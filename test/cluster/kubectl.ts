// Builds kubectl from its pinned Go module and prints its path: `node test/cluster/kubectl.ts`. Needs `go`; the result is cached.
import {binaryPath} from './binaries.ts';

console.log(await binaryPath('kubectl'));
