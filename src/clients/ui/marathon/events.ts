import {touch} from '../shared/live.ts';

/** Each of Marathon's events is a reason to ask again for what is on the page; the browser connects again by itself. */
export function followEvents(): void {
  const source = new EventSource('../v2/events');
  const changed = (): void => touch();
  source.addEventListener('message', changed);
  for (const name of CHANGES) source.addEventListener(name, changed);
  // A server without events refuses: the page asks every few seconds anyway.
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(followEvents, 30_000);
  });
}

const CHANGES = [
  'api_post_event',
  'status_update_event',
  'app_terminated_event',
  'instance_changed_event',
  'instance_health_changed_event',
  'unknown_instance_terminated_event',
  'health_status_changed_event',
  'failed_health_check_event',
  'deployment_info',
  'deployment_success',
  'deployment_failed',
  'deployment_step_success',
  'deployment_step_failure',
  'group_change_success',
  'group_change_failed',
];
