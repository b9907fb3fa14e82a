import { type IncomingMessage, type ParsedMessage, parseMessage, type Refusal } from './parse-message.ts';

/**
 * Reads as many as make up a batch of so many windows, or messages of other kinds; the last message may go beyond that. What is not for the
 * server is passed over.
 */
export function parseSome(
  waiting: Iterable<IncomingMessage>,
  enough: number,
): { messages: ParsedMessage[]; refusals: Refusal[] } {
  const [messages, refusals]: [ParsedMessage[], Refusal[]] = [[], []];
  let weight = 0;
  for (const each of waiting) {
    const parsed = parseMessage(each);
    if (parsed?.ok) messages.push(parsed.message);
    else if (parsed) refusals.push(parsed.refusal);
    const windows = parsed?.ok && parsed.message.kind === 'telemetry' ? parsed.message.body.windows.length : 1;
    weight += Math.max(1, windows);
    if (weight >= enough) break;
  }
  return { messages, refusals };
}
