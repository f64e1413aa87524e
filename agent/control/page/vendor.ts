import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A library as the browser loads it. */
interface Vendored {
  /** What modules import it by. */
  readonly specifier: string;
  /** Name that it is served under. */
  readonly served: string;
  readonly path: string;
}

const here = createRequire(import.meta.url);

/** The libraries of the web console as ES modules, out of node_modules: these and no others are served. */
export function vendoredModules(): readonly Vendored[] {
  // What a package gives to require() lies in the folder of its ES module.
  const beside = (specifier: string, file: string, require = here): Vendored => ({
    specifier,
    served: `${specifier.replace(/^@/, '').replaceAll('/', '-')}.js`,
    path: join(dirname(require.resolve(specifier)), file),
  });
  const signals = createRequire(here.resolve('@preact/signals'));
  return [
    beside('preact', 'preact.mjs'),
    beside('preact/hooks', 'hooks.mjs'),
    beside('preact/jsx-runtime', 'jsxRuntime.mjs'),
    beside('@preact/signals', 'signals.mjs'),
    beside('@preact/signals-core', 'signals-core.mjs', signals),
    beside('uplot', 'uPlot.esm.js'),
  ];
}

/** The style sheet that uPlot's charts need. */
export function vendoredStyle(): string {
  return join(dirname(here.resolve('uplot')), 'uPlot.min.css');
}
