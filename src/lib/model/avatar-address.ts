// Addresses of pictures of people and rooms. Pure.

/** Where the picture with this id is had. @param id null: there is none */
export const avatarAddress = (id: string | null): string | null => (id === null ? null : `/api/avatars/${id}`);
