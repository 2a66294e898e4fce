// Reads /openapi.json and makes a page of it: every operation with its schemas, and a form to try it.
// Text is only ever set as text, so nothing in the document can become markup.

const byId = (id) => document.getElementById(id);

/** An element with properties and children. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

const api = await (await fetch('/openapi.json')).json();
byId('about').textContent = api.info.description;

/** A schema with its references followed, for reading. */
function follow(schema, depth = 0) {
  if (schema === null || typeof schema !== 'object' || depth > 12) return schema;
  if (Array.isArray(schema)) return schema.map((item) => follow(item, depth + 1));
  if (schema.$ref) {
    const { $ref, ...rest } = schema;
    return { ...rest, ...follow(api.components.schemas[$ref.split('/').at(-1)], depth + 1) };
  }
  return Object.fromEntries(Object.entries(schema).map(([name, item]) => [name, follow(item, depth + 1)]));
}

const typeOf = (schema) =>
  schema.enum?.join(' | ') ??
  (schema.anyOf ? schema.anyOf.map(typeOf).join(' or ') : [schema.type].flat().join(' or ') || 'any');

function parameterRow(parameter) {
  const schema = follow(parameter.schema);
  const input = schema.enum
    ? make(
        'select',
        {},
        make('option', { value: '' }),
        ...schema.enum.map((value) => make('option', { value }, value)),
      )
    : make('input', { placeholder: schema.default ?? schema.examples?.[0] ?? '', autocomplete: 'off' });
  input.dataset.name = parameter.name;
  input.dataset.place = parameter.in;
  return make(
    'tr',
    {},
    make('td', {}, make('code', {}, parameter.name + (parameter.required ? ' *' : ''))),
    make('td', {}, parameter.in),
    make('td', {}, schema.description ?? typeOf(schema)),
    make('td', {}, input),
  );
}

function answers(responses) {
  return Object.entries(responses).map(([status, response]) => {
    const content = Object.entries(response.content).map(([type, { schema }]) =>
      make('pre', {}, `${type}\n${JSON.stringify(follow(schema), null, 2)}`),
    );
    return make('details', {}, make('summary', {}, `${status}  ${response.description}`), ...content);
  });
}

async function send({ method, path, form, body, output }) {
  const headers = { 'accept-language': byId('language').value };
  const token = byId('token').value.trim();
  if (token !== '') headers.authorization = `Token ${token}`;
  const query = new URLSearchParams();
  let target = path;
  for (const input of form.querySelectorAll('[data-name]')) {
    const { name, place } = input.dataset;
    if (place === 'path') target = target.replace(`{${name}}`, encodeURIComponent(input.value));
    else if (input.value !== '' && place === 'query') query.set(name, input.value);
    else if (input.value !== '' && place === 'header') headers[name] = input.value;
  }
  if (body) headers['content-type'] = 'application/json';
  if (query.size > 0) target += `?${query}`;
  const started = performance.now();
  try {
    const response = await fetch(target, { method, headers, body: body?.value });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    const shown = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    output.replaceChildren(
      make(
        'p',
        { className: 'status' },
        `${response.status} in ${Math.round(performance.now() - started)} ms`,
      ),
      make('pre', {}, `${shown}\n\n${isJson ? JSON.stringify(JSON.parse(text), null, 2) : text}`),
    );
  } catch (error) {
    output.replaceChildren(make('p', { className: 'status' }, String(error)));
  }
}

function operationElement(path, method, operation) {
  const parameters = operation.parameters.filter(({ name }) => name !== 'Accept-Language');
  const content = operation.requestBody?.content['application/json'].schema;
  const schema = content && follow(content);
  const body = schema
    ? make('textarea', { spellcheck: false, value: JSON.stringify(schema.examples?.[0] ?? {}, null, 2) })
    : null;
  const output = make('div', { ariaLive: 'polite' });
  const form = make(
    'div',
    {},
    parameters.length > 0 ? make('table', {}, ...parameters.map(parameterRow)) : null,
    body ? make('label', {}, 'Body', body) : null,
    schema
      ? make(
          'details',
          {},
          make('summary', {}, 'Schema of the body'),
          make('pre', {}, JSON.stringify(schema, null, 2)),
        )
      : null,
  );
  const button = make('button', { type: 'button' }, 'Send');
  button.addEventListener('click', () => send({ method, path, form, body, output }));
  const element = make(
    'details',
    { className: 'operation', id: operation.operationId },
    make(
      'summary',
      {},
      make('span', { className: `method ${method}` }, method),
      make('span', { className: 'path' }, path),
      make('span', {}, operation.summary),
      make('span', { className: 'access' }, operation['x-access']),
    ),
    make('div', {}, form, button, output, make('h4', {}, 'Answers'), ...answers(operation.responses)),
  );
  element.dataset.words = `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase();
  return element;
}

const sections = api.tags.map(({ name, description }) => {
  const elements = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(name))
      .map(([method, operation]) => operationElement(path, method.toUpperCase(), operation)),
  );
  return make('section', {}, make('h2', {}, name), make('p', {}, description), ...elements);
});
byId('operations').replaceChildren(...sections);
byId('settings').addEventListener('submit', (event) => event.preventDefault());
byId('filter').addEventListener('input', ({ target }) => {
  const words = target.value.toLowerCase();
  for (const element of document.querySelectorAll('.operation')) {
    element.hidden = !element.dataset.words.includes(words);
  }
});
