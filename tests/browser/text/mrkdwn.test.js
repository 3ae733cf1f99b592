import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asMrkdwn } from '../../../src/demo/page/js/text/markdown.js';
import { mrkdwn, plain } from '../../../src/demo/page/js/text/mrkdwn.js';
import { rich } from '../../../src/demo/page/js/text/rich.js';
import { said } from './said.js';

test('marks are bold, italic and struck only around words', () => {
  assert.equal(said(mrkdwn('*Phil* of _Acme_, ~gone~')), '<bold:Phil> of <italic:Acme>, <strike:gone>');
  assert.equal(said(mrkdwn('2 * 3 * 4, snake_case_name, a*b*c, * no*')), '2 * 3 * 4, snake_case_name, a*b*c, * no*');
  assert.equal(said(mrkdwn('*one _two_ three* (*four*)')), '<bold:one <italic:two> three> (<bold:four>)');
  assert.equal(said(mrkdwn('*not\nover lines*')), '*not\nover lines*');
});

test('code keeps its marks, and shows tokens by what they say', () => {
  assert.equal(said(mrkdwn('`a*b*` and *`*` bold*')), '<code:a*b*> and <bold:<code:*> bold>');
  assert.equal(said(mrkdwn('before\n```\n*x* &lt;y&gt; <https://a.example|a>\n```\nafter')), 'before<pre:*x* <y> a>after');
  assert.equal(said(mrkdwn('```open')), '```open');
});

test('tokens are people, channels, links and dates', () => {
  assert.equal(said(mrkdwn('<@U0JANE> in <#C1|cs-phil>')), '<user:U0JANE> in <channel:C1>');
  assert.equal(said(mrkdwn('<https://a.example/?x=1&amp;y=2|here> <mailto:a@b.example>')), '<link:here> <link:a@b.example>');
  assert.equal(
    said(mrkdwn('<!here> <!subteam^S1|@team> <!date^1700000000^{date}|then>')),
    '<broadcast:here> <group:team> <date:then>',
  );
  assert.equal(
    said(mrkdwn('<script>alert(1)</script> <javascript:alert(1)|x>')),
    '<script>alert(1)</script> <javascript:alert(1)|x>',
  );
  assert.equal(mrkdwn('<javascript:alert(1)|x>')[0].kind, 'text');
});

test('entities are signs, and only the three of Slack', () => {
  assert.equal(said(mrkdwn('&lt;b&gt; &amp;amp; &quot;')), '<b> &amp; &quot;');
});

test('quotes are lines, or all that follows', () => {
  assert.equal(said(mrkdwn('&gt; one\n&gt;two\nthree')), '<quote:one\ntwo>three');
  assert.equal(said(mrkdwn('&gt;&gt;&gt;one\ntwo')), '<quote:one\ntwo>');
});

test('emoji are signs, unknown ones keep their names', () => {
  assert.equal(said(mrkdwn(':tada: :+1::skin-tone-2: :our_own: 10:30:15')), '<emoji:🎉> <emoji:👍> :our_own: 10:30:15');
  assert.equal(said(plain('*plain* :wave: <@U1>')), '*plain* <emoji:👋> <@U1>');
});

test('rich text says the same as its leaves, also those that are not known', () => {
  const section = (...elements) => ({ type: 'rich_text_section', elements });
  const block = {
    elements: [
      section(
        { type: 'text', text: 'Hi ', style: { bold: true } },
        { type: 'user', user_id: 'U1' },
        { type: 'emoji', name: 'x', unicode: '1f44d' },
      ),
      { type: 'rich_text_list', style: 'ordered', offset: 2, elements: [section({ type: 'text', text: 'third' })] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'a < b' }] },
      section({ type: 'hologram', text: 'boo' }),
    ],
  };
  assert.equal(said(rich(block)), '<paragraph:<styled:Hi ><user:U1><emoji:👍>><list:third><pre:a < b><paragraph:boo>');
  assert.equal(rich(block)[1].start, 3);
});

test('Markdown reads the same in mrkdwn', () => {
  assert.equal(
    asMrkdwn('# Title\n- **bold** and *italic*\n- [a](https://a.example) `**`'),
    '*Title*\n• *bold* and _italic_\n• <https://a.example|a> `**`',
  );
});
