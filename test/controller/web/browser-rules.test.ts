import test from 'ava';
import {type Origins, refuseForeignPage, type ServedNames} from '../../../src/controller/web/browser-rules.ts';

const HOST = '127.0.0.1:8080';
const program: Origins = {
  method: 'GET',
  host: HOST,
  origin: undefined,
  fetchSite: undefined,
  referer: undefined,
  asScript: false,
  loopback: true,
};
const post = {method: 'POST'};
const script = {asScript: true};
const elsewhere = {loopback: false, host: 'mesos.corp:5050'};
const strict: ServedNames = {names: ['mesos.corp'], strict: true};

/** `want`: what the refusal says; undefined: let in. */
const rows: Record<string, {from: Partial<Origins>; served?: ServedNames; want: RegExp | undefined}> = {
  'a program reads': {from: {}, want: undefined},
  'a program changes': {from: post, want: undefined},
  'a program deletes': {from: {method: 'DELETE'}, want: undefined},
  'an own page changes': {from: {...post, origin: `http://${HOST}`, fetchSite: 'same-origin'}, want: undefined},
  'an own page behind TLS changes': {
    from: {...post, ...elsewhere, host: 'mesos.corp', origin: 'https://mesos.corp'},
    want: undefined,
  },
  'a page of another site changes': {from: {...post, origin: 'https://evil.example'}, want: /Origin: "https:\/\/evil/},
  'a page of another site deletes': {
    from: {method: 'DELETE', origin: 'https://evil.example'},
    want: /may change nothing/,
  },
  'a page of another port of this machine changes': {
    from: {...post, origin: 'http://127.0.0.1:3000'},
    want: /may change nothing/,
  },
  'a page with a name that begins alike changes': {
    from: {...post, origin: `http://${HOST}.evil.example`},
    want: /may change nothing/,
  },
  'a page in a sandbox changes': {from: {...post, origin: 'null'}, want: /Origin: "null"/},
  'a page whose origin is no URL changes': {from: {...post, origin: 'x'}, want: /may change nothing/},
  'an empty origin': {from: {...post, origin: ''}, want: /may change nothing/},
  'a form of a page of another site, without an Origin': {
    from: {...post, fetchSite: 'cross-site'},
    want: /Sec-Fetch-Site: "cross-site"/,
  },
  'a form of a page of the same site, without an Origin': {from: {...post, fetchSite: 'same-site'}, want: /same-site/},
  'a word that no browser sends': {from: {...post, fetchSite: 'x'}, want: /may change nothing/},
  'a person at the address line': {from: {fetchSite: 'none'}, want: undefined},
  'a page of another site reads what it can’t see': {
    from: {origin: 'https://evil.example', fetchSite: 'cross-site'},
    want: undefined,
  },
  'a page of another site asks what it may send': {
    from: {method: 'OPTIONS', origin: 'https://evil.example'},
    want: undefined,
  },
  'a program wants a script': {from: script, want: undefined},
  'an own page wants a script': {from: {...script, fetchSite: 'same-origin'}, want: undefined},
  'a page of another site wants a script': {from: {...script, fetchSite: 'cross-site'}, want: /gets no scripts/},
  'a page of another port wants a script': {from: {...script, fetchSite: 'same-site'}, want: /gets no scripts/},
  'a page in an older browser wants a script': {
    from: {...script, referer: 'https://evil.example/page'},
    want: /Referer: "https:\/\/evil.example\/page"/,
  },
  'an own page in an older browser wants a script': {
    from: {...script, referer: `http://${HOST}/page`},
    want: undefined,
  },
  'the web UI of another master wants a script, not on loopback': {
    from: {...script, ...elsewhere, fetchSite: 'cross-site'},
    want: undefined,
  },
  'a name that means this machine for a moment': {
    from: {...post, host: 'evil.example:8080', origin: 'http://evil.example:8080', fetchSite: 'same-origin'},
    want: /not known as "evil.example:8080"/,
  },
  'such a name reads': {from: {host: 'evil.example:8080'}, want: /--allowed_hosts/},
  'such a name with the dot of a full one': {from: {host: 'evil.example.'}, want: /not known as/},
  'a name that ends like localhost': {from: {host: 'evil-localhost:8080'}, want: /not known as/},
  localhost: {from: {host: 'localhost:8080'}, want: undefined},
  'LOCALHOST.': {from: {host: 'LOCALHOST.:8080'}, want: undefined},
  'a name below localhost': {from: {host: 'mesos.localhost'}, want: undefined},
  'an address of version 6': {from: {host: '[::1]:8080'}, want: undefined},
  'another address of this machine': {from: {host: '10.1.2.3:8080'}, want: undefined},
  'no host, as before HTTP/1.1': {from: {host: undefined}, want: undefined},
  'any name where others reach it': {from: {...elsewhere, host: 'balancer.corp'}, want: undefined},
  'another name than those that are allowed': {
    from: {...elsewhere, host: 'evil.example'},
    served: strict,
    want: /not known/,
  },
  'a name that is allowed': {from: elsewhere, served: strict, want: undefined},
  'a name that is allowed, on loopback': {from: {host: 'mesos.corp'}, served: strict, want: undefined},
};
for (const [title, {from, served = {names: [], strict: false}, want}] of Object.entries(rows)) {
  test(`${title}: ${want === undefined ? 'let in' : 'refused'}`, t => {
    const refused = refuseForeignPage({...program, ...from}, served);
    if (want === undefined) t.is(refused, undefined);
    else t.regex(refused ?? '', want);
  });
}
