/** The answer's media type. kubectl asks with an `@` in the name, which is not well-formed in an answer. */
export const OPENAPI_V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** A length-delimited protobuf field. */
const field = (number: number, content: string): string =>
  `${String.fromCharCode(number * 8 + 2, content.length)}${content}`;

/**
 * The body of GET /openapi/v2: a document that describes nothing, so that validation is left to the server. kubectl
 * asks for it before it applies a `List` or a kind that is not there, and gives up when it gets none. Every byte of
 * it is below 128, so it travels as text.
 *
 * Field numbers are those of gnostic's OpenAPI v2 message: swagger 1, info 2 (title 1, version 2), paths 8.
 */
export const OPENAPI_V2 = [field(1, '2.0'), field(2, `${field(1, 'Kubernetes')}${field(2, 'v1')}`), field(8, '')].join(
  '',
);
