/** The scope in which the name of a collection is unique. */
export interface ChromaScope {
  readonly tenant: string;
  readonly database: string;
}

/** The default tenant and database of Chroma. */
export const defaultScope: ChromaScope = { tenant: "default_tenant", database: "default_database" };

/** `foods`, or `acme/production/foods` outside of the default tenant and database. */
export function qualifiedName(
  collection: string,
  { tenant = defaultScope.tenant, database = defaultScope.database }: Partial<ChromaScope>,
): string {
  const isDefault = tenant === defaultScope.tenant && database === defaultScope.database;
  return isDefault ? collection : `${tenant}/${database}/${collection}`;
}
