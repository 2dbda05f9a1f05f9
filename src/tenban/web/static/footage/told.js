// The timeline as the API tells it, read once for everything that shows it.

/** A timeline with times in ms since 1970. */
export function read(told) {
  const ms = (text) => (text === null ? null : Date.parse(text));
  return {
    cameras: told.cameras.map((one) => ({
      id: one.id,
      filmed: one.filmed.map(([from, to]) => [ms(from), ms(to)]),
      gaps: one.gaps.map((gap) => ({ ...gap, from: ms(gap.from), to: ms(gap.to) })),
      from_at: ms(one.from_at),
      until_at: ms(one.until_at),
    })),
    sales: told.sales.map((one) => ({ ...one, from: ms(one.from), to: ms(one.to) })),
    flags: told.flags.map((one) => ({ ...one, at: ms(one.at) })),
    findings: told.findings.map((one) => ({ ...one, at: ms(one.at) })),
    incidents: told.incidents.map((one) => ({ ...one, at: ms(one.at) })),
  };
}
