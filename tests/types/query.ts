/** The arguments of a method as the query of a GET has them: everything is text. */
export type Query<Arguments> = Arguments extends unknown ? { [Name in keyof Arguments]: Text<Arguments[Name]> } : never;

type Text<Value> = Value extends string | undefined ? Value : Value extends number | boolean ? `${Value}` : string;
