/** The part of a CycloneDX document that is read here. */
export interface Sbom {
  readonly components: readonly Component[];
}

interface Component {
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly {
    readonly expression?: string;
    readonly license?: { readonly id?: string; readonly name?: string };
  }[];
}

/** Licences that ask for no more than their notice. */
const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  // Asks for not even the notice.
  'MIT-0',
  'MIT/X11',
  'PSF-2.0',
  'Python-2.0',
  'Unlicense',
]);

/** Packages that were looked at by a person: the licence that was found, and why it is accepted. */
const accepted: Readonly<Record<string, string>> = {
  '@apollo/composition': 'Elastic-2.0', // NOTICE says what it means.
  '@apollo/federation-internals': 'Elastic-2.0',
  '@apollo/gateway': 'Elastic-2.0',
  '@apollo/query-graphs': 'Elastic-2.0',
  '@apollo/query-planner': 'Elastic-2.0',
  'caniuse-lite': 'CC-BY-4.0', // Data for the tools of developers.
  'date-holidays': '(ISC AND CC-BY-3.0)', // NOTICE names the origin of its dates.
  // Their package.json names MIT in a field of old; only tests with containers use them.
  buildcheck: '',
  'cpu-features': '',
  ssh2: '',
};

/** A sentence for each package whose licence is neither allowed nor accepted. */
export function licenceProblems({ components }: Sbom): string[] {
  return components.flatMap((component) => {
    const name = component.group === undefined ? component.name : `${component.group}/${component.name}`;
    const licence = (component.licenses ?? [])
      .map(({ expression, license }) => expression ?? license?.id ?? license?.name ?? '')
      .join(' AND ');
    if (isAllowed(licence) || accepted[name] === licence) return [];
    return [
      `${name}@${component.version}: ${licence === '' ? 'no licence' : licence} is not in the list of allowed licences`,
    ];
  });
}

/** Of alternatives one must be allowed, of licences that apply together all. */
function isAllowed(expression: string): boolean {
  const plain = expression.replaceAll(/[()]/g, '');
  return plain.split(' OR ').some((choice) => choice.split(' AND ').every((licence) => allowed.has(licence)));
}
