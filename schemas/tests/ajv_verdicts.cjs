// Judges instances by ajv: reads {schemas, cases: [{schema, instance}]} from standard input and
// writes, for each case, the failures as "keyword pointer"; no failure means valid.
const Ajv = require("ajv/dist/2020");
const input = JSON.parse(require("fs").readFileSync(0, "utf8"));

// Strict mode refuses unknown keywords and types that do not fit the keywords beside them. That
// required members are defined beside `required` is not wanted: under `then` they stand above it.
const ajv = new Ajv({ strict: true, strictRequired: false, allErrors: true });
ajv.addVocabulary(["x-requirement"]);
input.schemas.forEach((schema) => ajv.addSchema(schema));

const verdicts = input.cases.map(({ schema, instance }) => {
  const validate = ajv.getSchema(schema);
  validate(instance);
  return (validate.errors || []).map((error) => `${error.keyword} ${error.instancePath}`);
});
process.stdout.write(JSON.stringify(verdicts));
