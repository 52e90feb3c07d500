// Asks what users ask, through the Services. No DNS: Kubernetes gives their addresses as variables.
const {MESOS_MASTER_SERVICE_HOST, MESOS_MASTER_SERVICE_PORT, MARATHON_SERVICE_HOST, MARATHON_SERVICE_PORT} = process.env;
const address = (host, port) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
const master = address(MESOS_MASTER_SERVICE_HOST, MESOS_MASTER_SERVICE_PORT);
const marathon = address(MARATHON_SERVICE_HOST, MARATHON_SERVICE_PORT);

async function ask(url) {
  const answer = await fetch(url, {redirect: 'manual', signal: AbortSignal.timeout(5000)});
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return url.endsWith('/health') ? undefined : answer.json();
}

async function check() {
  await ask(`${master}/health`);
  const state = await ask(`${master}/state`);
  if (state.leader === undefined) throw new Error('the master names no leader');
  const info = await ask(`${marathon}/v2/info`);
  if (!info.elected || !info.frameworkId) throw new Error(`Marathon is not connected: ${JSON.stringify(info)}`);
  const active = state.frameworks.filter(framework => framework.active).map(framework => framework.name);
  return `master ${state.id} with ${state.activated_slaves} agents, frameworks ${active.join(', ')}`;
}

const until = Date.now() + 60_000;
for (;;) {
  try {
    console.log(await check());
    break;
  } catch (error) {
    if (Date.now() > until) throw error;
    console.log(`not yet: ${error.message}`);
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
}
