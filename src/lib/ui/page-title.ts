// The title of the tab: "(3) Harbour crew · Roost".

export function pageTitle(unreadTotal: number, place: string | null): string {
  const count = unreadTotal > 0 ? `(${unreadTotal > 999 ? '999+' : unreadTotal}) ` : '';
  return place ? `${count}${place} · Roost` : `${count}Roost`;
}

/** A count as a badge shows it. */
export function badgeCount(count: number): string {
  return count > 999 ? '999+' : String(count);
}
