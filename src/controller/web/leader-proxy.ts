import {request as httpRequest} from 'node:http';
import type {RequestHandler} from 'express';
import {answerTo} from '../../api/marathon/v2/errors.ts';

const VIA = 'x-marathon-via';

/** Hands a request to the Marathon that leads, as a Marathon that does not lead does. */
export function proxyToLeader(leader: () => string | undefined, self: () => string): RequestHandler {
  return (request, response) => {
    const address = leader();
    const refuse = (message: string): void => {
      const {status, body} = answerTo({kind: 'leader-unreachable', message});
      if (response.headersSent) response.destroy();
      else response.status(status).json(body);
    };
    if (address === undefined) return refuse('No leader is known yet');
    const via = request.headers[VIA];
    if (
      address === self() ||
      String(via ?? '')
        .split(', ')
        .includes(self())
    )
      return refuse('Detected proxying loop');
    const headers = {
      ...request.headers,
      host: address,
      [VIA]: [via, self()]
        .flat()
        .filter(hop => hop !== undefined)
        .join(', '),
      'x-forwarded-for': [request.headers['x-forwarded-for'], request.socket.remoteAddress]
        .flat()
        .filter(Boolean)
        .join(', '),
    };
    const upstream = httpRequest(
      `http://${address}${request.originalUrl}`,
      {method: request.method, headers},
      answer => {
        response.writeHead(answer.statusCode ?? 502, {...answer.headers, 'x-marathon-via': self()});
        answer.pipe(response);
      },
    );
    upstream.on('error', error => refuse(`Leader ${address} does not answer: ${error.message}`));
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  };
}
