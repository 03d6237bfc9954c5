// Reads {tables: {name: schema}, queries: {name: text}} from stdin; prints for each query its
// diagnostics and the names of the columns it returns.
// Usage: node kusto.cjs FOLDER_OF_LANGUAGE_SERVICE
const path = require("path");
const fs = require("fs");

const folder = process.argv[2];
require(path.join(folder, "bridge.min.js"));
require(path.join(folder, "Kusto.Language.Bridge.min.js"));

const { KustoCode, GlobalState, Symbols } = globalThis.Kusto.Language;

const listed = (list, pick) =>
  Array.from({ length: list.Count }, (_, i) => pick(list.getItem(i)));

const input = JSON.parse(fs.readFileSync(0, "utf-8"));
const tables = Object.entries(input.tables).map(([name, schema]) =>
  Symbols.TableSymbol.From(schema).WithName(name)
);
const database = new Symbols.DatabaseSymbol.$ctor1("workspace", tables);
const globals = GlobalState.Default.WithDatabase(database);

const answers = {};
for (const [name, text] of Object.entries(input.queries)) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  answers[name] = {
    findings: listed(code.GetDiagnostics(), (one) => `${one.Severity} ${one.Code}: ${one.Message}`),
    columns: code.ResultType?.Columns ? listed(code.ResultType.Columns, (column) => column.Name) : [],
  };
}
process.stdout.write(JSON.stringify(answers));
