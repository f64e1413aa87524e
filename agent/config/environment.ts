import { optionAt } from './options.ts';

/** A place whose text could not be completed from the environment. */
export interface EnvironmentProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The variable when the value is a reference to one and nothing else. */
export function variableName(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith('${') || !value.endsWith('}')) return undefined;
  const name = value.slice(2, -1);
  return VARIABLE.test(name) ? name : undefined;
}

/**
 * A copy of the data in which `${NAME}` is replaced by that environment variable, in the options that allow it.
 * `$${` stands for a plain `${`. A replaced value is not looked at again. Mapping entries without a value are left out.
 */
export function expandEnvironment(
  data: unknown,
  environment: Environment,
): { data: unknown; problems: EnvironmentProblem[] } {
  const problems: EnvironmentProblem[] = [];
  return { data: copy(data, []), problems };

  function copy(value: unknown, path: readonly PropertyKey[]): unknown {
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).filter(([, item]) => item !== null);
      return Object.fromEntries(entries.map(([key, item]) => [key, copy(item, [...path, key])]));
    }
    if (typeof value !== 'string' || !value.includes('${') || optionAt(path)?.env !== true) return value;
    return expand(value, path);
  }

  function expand(text: string, path: readonly PropertyKey[]): string {
    return text.replace(REFERENCE, (reference: string, name: string | undefined) => {
      if (name === undefined) return '${';
      if (!VARIABLE.test(name) || !reference.endsWith('}')) {
        problems.push({
          path,
          message: 'a ${ that no variable name and brace follow; expected $${ for a plain one',
        });
        return '';
      }
      const value = environment[name];
      if (value === undefined) {
        problems.push({ path, message: `the environment variable ${name} is not set; expected it to be` });
      }
      return value ?? '';
    });
  }
}
