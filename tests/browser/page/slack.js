/** A Slack that is made up, for what the service does not send: it shows one message or dialog, and notes what people do. */

const CAST = {
  workspaces: [
    { team: 'T1', name: 'Acme', side: 'customer' },
    { team: 'T2', name: 'Initech', side: 'support' },
  ],
  customers: [{ user: 'U0PHIL', team: 'T1', dm: 'D1', name: 'Phil', real_name: 'Phil Harris' }],
  agents: [
    { user: 'U0JANE', team: 'T2', name: 'Jane', real_name: 'Jane Doe', is_admin: false },
    { user: 'U0RAJ', team: 'T2', name: 'Raj', real_name: 'Raj Patel', is_admin: true },
  ],
  bot: { name: 'Expense Bot', user: 'U0EXPENSES' },
  app: { name: 'Megatron', user: 'U0MEGATRON', app_id: 'A1' },
  people: {
    U0JANE: { name: 'Jane', real_name: 'Jane Doe' },
    U0RAJ: { name: 'Raj', real_name: 'Raj Patel' },
    U0PHIL: { name: 'Phil', real_name: 'Phil Harris' },
  },
  command: '/megatron',
  commands: [],
  message_shortcuts: [],
  global_shortcuts: [],
};

const MESSAGE = {
  user: 'U0MEGATRON',
  author: 'Megatron',
  icon: null,
  by_app: true,
  text: '',
  blocks: null,
  attachments: null,
  files: null,
  subtype: '',
  thread_ts: null,
  reactions: [],
  edited: false,
  ephemeral: false,
  deleted: false,
};

/**
 * Puts it in the place of the demo's.
 * @param {import("playwright-core").Page} page
 * @param {{message?: any, modal?: any, options?: any}} shown `options`: what an external menu offers
 * @param {any[]} done what people do ends up here
 */
export async function pretend(page, { message = {}, modal, options = {} }, done) {
  const channel = {
    id: 'C1',
    name: 'support',
    kind: 'channel',
    private: false,
    archived: false,
    topic: '',
    members: ['U0JANE'],
    last_ts: '1700000000.000100',
    count: 1,
  };
  const parts = [
    { part: 'cast', value: CAST },
    { part: 'channels', value: [channel] },
    { part: 'channel', id: 'C1', value: { id: 'C1', messages: [{ ...MESSAGE, ts: channel.last_ts, ...message }] } },
    { part: 'modals', value: modal ? [modal] : [] },
  ];
  const body = ['retry: 600000', ...parts.map((part) => `data: ${JSON.stringify(part)}`)].join('\n\n');
  await page.route('**/demo/state?*', (route) => route.fulfill({ contentType: 'text/event-stream', body: `${body}\n\n` }));
  await page.route('**/demo/act', (route) => {
    const { team, user, ...what } = route.request().postDataJSON();
    if (what.do !== 'options') done.push(what);
    return route.fulfill({ json: what.do === 'options' ? options : {} });
  });
}

/** A `plain_text` object. */
export const plain = (text) => ({ type: 'plain_text', text });
/** A `mrkdwn` object. */
export const mrkdwn = (text) => ({ type: 'mrkdwn', text });
/** An option of a menu. */
export const option = (text) => ({ text: plain(text), value: text.toLowerCase() });
