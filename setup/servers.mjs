// Fetches the servers that tests run for real. What cannot be had is told; the tests that need it are skipped then.
import { installServer, SERVERS } from '../test/support/servers/install.ts';

for (const server of SERVERS) {
  try {
    console.log(`${server.name}: ${await installServer(server)}`);
  } catch (error) {
    console.log(`${server.name} cannot be had here: ${error instanceof Error ? error.message : String(error)}`);
  }
}
