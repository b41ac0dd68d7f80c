import type { Role } from '@crossdesk/service-kit';

export interface Person {
  readonly role: Role;
  readonly displayName: string;
  readonly email: string;
  readonly password: string;
}

export interface Seller {
  readonly slug: string;
  readonly name: string;
  /** Which of the twin's shops are theirs, by name. */
  readonly shops: RegExp;
  readonly people: readonly Person[];
}

export const lumina: Seller = {
  slug: 'lumina',
  name: 'Lumina Home',
  shops: /^Lumina/,
  people: peopleOf('lumina'),
};

export const nordic: Seller = {
  slug: 'nordic',
  name: 'Nordic Trail',
  shops: /^Nordic/,
  people: peopleOf('nordic'),
};

/** Demo passwords are no secret: the demo listens on this machine and holds nobody's data. */
function peopleOf(slug: string): Person[] {
  const roles: readonly Role[] = ['agent', 'supervisor', 'admin'];
  return roles.map((role) => ({
    role,
    displayName: `${slug} ${role}`,
    email: `${role}@${slug}.example`,
    password: `demo-${slug}-${role}`,
  }));
}
