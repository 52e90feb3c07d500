import type {Writable} from 'node:stream';
import winston from 'winston';

/** `error`: someone must act. `warn`: it healed itself. `info`: a state changed. `debug`: the rest. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

type LogFields = Readonly<Record<string, unknown>>;
type LogLine = (message: string, fields?: LogFields) => void;

/** A constant message, and what differs from line to line as fields in lower camel case. */
export type Logger = {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  /** Changes the least that is logged; absent where that cannot be changed. */
  readonly level?: LevelSwitch;
};

export type LevelSwitch = {readonly get: () => LogLevel; readonly set: (level: LogLevel) => void};

export type LoggerOptions = {
  readonly level: LogLevel;
  /** `json`: one object per line, for machines. `text`: `<time> <LEVEL> <message> key=value…`, for people. */
  readonly format: 'json' | 'text';
  /** Where lines go; standard error when absent. */
  readonly stream?: Writable;
};

/** A logger that writes whole lines. A reader that has gone away costs the lines, never the process. */
export function createLogger(options: LoggerOptions): Logger {
  const stream = options.stream ?? process.stderr;
  stream.on('error', () => {});
  const logger = winston.createLogger({
    level: options.level,
    format: winston.format.printf(info => (options.format === 'json' ? jsonLine : textLine)(lineOf(info))),
    transports: [new winston.transports.Stream({stream, eol: '\n'})],
  });
  // Fields travel under one key of their own: winston would glue a field named `message` to the message.
  const line =
    (level: LogLevel): LogLine =>
    (message, fields = {}) =>
      void logger.log({level, message, time: new Date().toISOString(), fields});
  let least = options.level;
  const set = (next: LogLevel): void => void (logger.level = least = next);
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    level: {get: () => least, set},
  };
}

const ignore: LogLine = () => {};

/**
 * Says nothing.
 *
 * @public the logger of tests
 */
export const silentLogger: Logger = {debug: ignore, info: ignore, warn: ignore, error: ignore};

type Line = {
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly fields: readonly (readonly [string, unknown])[];
};

function lineOf(info: winston.Logform.TransformableInfo): Line {
  const {time, level, message, fields} = info;
  return {
    time: String(time),
    level,
    message: String(message),
    fields: typeof fields === 'object' && fields !== null ? Object.entries(fields) : [],
  };
}

const RESERVED = new Set(['time', 'level', 'message']);

function jsonLine({fields, ...line}: Line): string {
  const named = fields.map(([name, value]) => [RESERVED.has(name) ? `${name}_` : name, value] as const);
  return safeJson({...line, ...Object.fromEntries(named)});
}

function textLine({time, level, message, fields}: Line): string {
  const pairs = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${textValue(value)}`);
  return `${time} ${level.toUpperCase().padEnd(5)} ${message}${pairs.join('')}`;
}

const PLAIN = /^[^\s"=]+$/;

function textValue(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? value : JSON.stringify(value);
  return safeJson(value);
}

/** A log line never throws: what JSON cannot hold is written as text. */
function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value, replacer) ?? String(value);
  } catch {
    return JSON.stringify(String(value));
  }
}

function replacer(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return value.stack ?? value.message;
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  return value;
}
