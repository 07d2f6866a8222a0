// What a third-party page does: list-pods, logs once, then the stream with a parser after EventSource's rules.
// usage: node sdk_flow.mjs BASE_URL ITEM TOKEN_HEADER TOKEN   (BASE_URL ends before the operation's name)
const [base, item, header, token] = process.argv.slice(2);
const headers = { [header]: token };
const url = (operation, params = {}) => `${base}/${operation}?${new URLSearchParams({ config_id: item, ...params })}`;

async function getJson(operation, params) {
  const answer = await fetch(url(operation, params), { headers });
  if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function* events(answer) {
  let rest = '', type = '', data = [], id = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split(/\r\n|\n|\r/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === '') {
        if (data.length) yield { type: type || 'message', data: data.join('\n'), id };
        type = '';
        data = [];
      } else if (!line.startsWith(':')) {
        const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
        if (field === 'data') data.push(value);
        else if (field === 'event') type = value;
        else if (field === 'id') id = value;
      }
    }
  }
}

const pods = await getJson('list-pods');
const rows = await getJson('logs', { namespace: pods[0].namespace, pod: pods[0].pod });
const stream = await fetch(url('logs', { namespace: pods[0].namespace, pod: pods[0].pod, follow: 'true' }), { headers });
const followed = [];
let ready = false;
for await (const event of events(stream)) {
  if (event.type === 'error') throw new Error(event.data);
  if (event.type === 'source' && JSON.parse(event.data).change === 'opened' && !ready) {
    ready = true;
    console.log('ready');
  }
  if (event.type === 'message') followed.push(JSON.parse(event.data));
  if (followed.length === 2) break;
}
console.log(JSON.stringify({ pods, rows, followed }));
process.exit(0);
