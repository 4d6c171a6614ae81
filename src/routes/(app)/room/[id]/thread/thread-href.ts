// A thread has an address of its own, so that it can be linked to and the back gesture leaves it. Links to it do not reset
// the focus: the panel takes it, once there is a field.

export const threadHref = (room: string, root: string): string => `/room/${room}/thread/${root}`;
