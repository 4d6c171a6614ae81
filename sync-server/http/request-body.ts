// The one way from a request's body to typed values.

import type { FastifyRequest } from 'fastify';
import * as v from 'valibot';
import { ApiProblem } from './problem.ts';

/** @throws ApiProblem 'bad-request', naming the field and never its value */
export function readBody<Output>(request: FastifyRequest, schema: v.GenericSchema<unknown, Output>): Output {
  // To a schema an array is an object without the fields.
  const result = v.safeParse(schema, Array.isArray(request.body) ? null : request.body);
  if (result.success) return result.output;
  const field = v.getDotPath(result.issues[0]);
  const detail = field === null ? 'The body must be a JSON object.' : `The field ${field} is missing or not valid.`;
  throw new ApiProblem('bad-request', detail);
}
