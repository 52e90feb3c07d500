import {flagTypes, required} from '../lib/flags.ts';

/** What the fetcher is told; a task's pod gives both as variables, MESOS_SANDBOX and MESOS_FETCHER_INFO. */
export const FETCH_FLAGS = {
  sandbox: required(flagTypes.text, 'Directory into which files are fetched.'),
  fetcher_info: required(flagTypes.text, 'What to fetch: JSON such as {"items":[{"uri":{"value":"https://…"}}]}.'),
};
