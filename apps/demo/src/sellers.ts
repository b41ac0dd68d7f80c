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
  /** The names of their shops in the twin. */
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

/** Demo passwords are not secret: the demo listens on this machine only and holds no real data. */
function peopleOf(slug: string): Person[] {
  const roles: readonly Role[] = ['agent', 'supervisor', 'admin'];
  return roles.map((role) => ({
    role,
    displayName: `${slug} ${role}`,
    email: `${role}@${slug}.example`,
    password: `demo-${slug}-${role}`,
  }));
}
