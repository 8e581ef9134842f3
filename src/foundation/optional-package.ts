/**
 * Loads an optional peer of the package, when it is asked for. Bundlers (webpack, Turbopack, Vite, esbuild) leave this
 * import alone: they would otherwise fail for an application that does not have the package.
 *
 * @throws the error of the runtime if the package is not installed
 */
export async function importOptional<Module>(name: string): Promise<Module> {
  return (await import(
    /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name
  )) as Module;
}
