import {touch} from '../shared/live.ts';

const RETRY_MS = 5000;

/**
 * Follows the operator API's events: each is a reason to ask again for what is on the page. Without the stream the page
 * asks every few seconds anyway.
 */
export function followEvents(): void {
  void follow().finally(() => setTimeout(followEvents, RETRY_MS));
}

async function follow(): Promise<void> {
  try {
    const response = await fetch('../api/v1', {
      method: 'POST',
      headers: {'Content-Type': 'application/json', Accept: 'application/json'},
      body: JSON.stringify({type: 'SUBSCRIBE'}),
    });
    if (!response.ok || response.body === null) return;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      // A heartbeat says nothing new; a record may come in pieces, and each piece is only a reason to ask.
      if (!/^\d+\n\{"type":"HEARTBEAT"\}$/.test(value)) touch();
    }
  } catch {
    // The stream ended; the caller begins another one.
  }
}
