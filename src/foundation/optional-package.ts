/**
 * Loads an optional peer dependency on demand. Bundlers (webpack, Turbopack, Vite, esbuild) ignore this import;
 * otherwise they would fail for an application without the package.
 *
 * @throws the error of the runtime if the package is not installed
 */
export async function importOptional<Module>(name: string): Promise<Module> {
  return (await import(
    /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name
  )) as Module;
}
