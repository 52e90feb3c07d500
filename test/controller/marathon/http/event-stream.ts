import {get, type IncomingMessage} from 'node:http';
import {once} from 'node:events';
import type {Json, Rest} from './rest.ts';

export type Heard = {readonly id: string; readonly type: string; readonly data: Json};

/** A reader of GET /v2/events. */
export class EventReader {
  text = '';
  closed = false;
  readonly #response: IncomingMessage;

  constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      this.text += chunk;
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      this.closed = true;
    });
  }

  static async open(system: Rest, query = '', headers: Record<string, string> = {}): Promise<EventReader> {
    const request = get(`${system.url}/v2/events${query}`, {headers: {accept: 'text/event-stream', ...headers}});
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return new EventReader(response);
  }

  get events(): Heard[] {
    return this.text
      .split('\n\n')
      .filter(frame => frame.startsWith('event: '))
      .map(frame => {
        const fields = new Map(
          frame.split('\n').map(line => {
            const at = line.indexOf(': ');
            return [line.slice(0, at), line.slice(at + 2)] as const;
          }),
        );
        return {
          id: fields.get('id') ?? '',
          type: fields.get('event') ?? '',
          data: JSON.parse(fields.get('data') ?? '{}'),
        };
      });
  }

  get types(): string[] {
    return this.events.map(({type}) => type);
  }

  of(type: string): Json[] {
    return this.events.filter(event => event.type === type).map(({data}) => data);
  }

  /** Reads nothing more. */
  pause(): void {
    this.#response.pause();
  }

  close(): void {
    this.#response.destroy();
  }
}
