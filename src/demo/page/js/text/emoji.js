/** Emoji by their short names: the common ones. Others are shown as `:name:`. */

const TABLE = `
grinning 😀 smiley 😃 smile 😄 grin 😁 laughing 😆 sweat_smile 😅 rofl 🤣 joy 😂 slightly_smiling_face 🙂 upside_down_face 🙃 wink 😉 blush 😊
innocent 😇 heart_eyes 😍 star-struck 🤩 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 hugging_face 🤗 thinking_face 🤔 shushing_face 🤫
neutral_face 😐 expressionless 😑 smirk 😏 unamused 😒 face_with_rolling_eyes 🙄 grimacing 😬 relieved 😌 pensive 😔 sleepy 😪 sleeping 😴
mask 😷 sunglasses 😎 nerd_face 🤓 confused 😕 worried 😟 slightly_frowning_face 🙁 open_mouth 😮 astonished 😲 flushed 😳 pleading_face 🥺
cry 😢 sob 😭 scream 😱 disappointed 😞 sweat 😓 weary 😩 tired_face 😫 yawning_face 🥱 rage 😡 angry 😠 exploding_head 🤯 partying_face 🥳
skull 💀 ghost 👻 alien 👽 robot_face 🤖 wave 👋 raised_hand ✋ ok_hand 👌 v ✌️ crossed_fingers 🤞 point_left 👈 point_right 👉 point_up ☝️
point_down 👇 +1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 fist ✊ clap 👏 raised_hands 🙌 open_hands 👐 handshake 🤝 pray 🙏 writing_hand ✍️ muscle 💪
eyes 👀 eye 👁️ brain 🧠 bust_in_silhouette 👤 busts_in_silhouette 👥 shrug 🤷 facepalm 🤦 heart ❤️ orange_heart 🧡 yellow_heart 💛 green_heart 💚
blue_heart 💙 purple_heart 💜 broken_heart 💔 100 💯 boom 💥 sparkles ✨ star ⭐ star2 🌟 fire 🔥 zap ⚡ sunny ☀️ crescent_moon 🌙 rainbow 🌈
snowflake ❄️ droplet 💧 ocean 🌊 tada 🎉 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 dart 🎯 game_die 🎲 bulb 💡 moneybag 💰 credit_card 💳
receipt 🧾 chart_with_upwards_trend 📈 calendar 📅 date 📅 clipboard 📋 pushpin 📌 paperclip 📎 pencil2 ✏️ memo 📝 file_folder 📁 books 📚
book 📖 bookmark 🔖 link 🔗 lock 🔒 unlock 🔓 key 🔑 hammer 🔨 wrench 🔧 gear ⚙️ mag 🔍 bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢
speech_balloon 💬 thought_balloon 💭 email 📧 envelope ✉️ inbox_tray 📥 outbox_tray 📤 package 📦 phone ☎️ iphone 📱 computer 💻 camera 📷
hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰ watch ⌚ ticket 🎫 airplane ✈️ car 🚗 taxi 🚕 train 🚆 hotel 🏨 house 🏠 office 🏢
coffee ☕ beer 🍺 pizza 🍕 cake 🍰 apple 🍎 dog 🐶 cat 🐱 bug 🐛 turtle 🐢 seedling 🌱 deciduous_tree 🌳 rocket 🚀 construction 🚧
warning ⚠️ no_entry ⛔ no_entry_sign 🚫 x ❌ o ⭕ heavy_check_mark ✔️ white_check_mark ✅ ballot_box_with_check ☑️ question ❓ grey_question ❔
exclamation ❗ bangbang ‼️ heavy_plus_sign ➕ heavy_minus_sign ➖ arrow_right ➡️ arrow_left ⬅️ arrow_up ⬆️ arrow_down ⬇️ repeat 🔁
leftwards_arrow_with_hook ↩️ arrow_forward ▶️ double_vertical_bar ⏸️ pause_button ⏸️ black_square_for_stop ⏹️ checkered_flag 🏁 red_circle 🔴
large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵 white_circle ⚪ black_circle ⚫ zzz 💤 recycle ♻️
information_source ℹ️ new 🆕 sos 🆘 triangular_flag_on_post 🚩 crystal_ball 🔮 label 🏷️ lightning ⚡ people_holding_hands 🧑‍🤝‍🧑 technologist 🧑‍💻
`;

const BY_NAME = new Map();
const words = TABLE.trim().split(/\s+/);
for (let at = 0; at < words.length; at += 2) BY_NAME.set(words[at], words[at + 1]);

/** Those that are offered first as reactions. */
const USUAL = ['+1', 'white_check_mark', 'eyes', 'tada', 'heart', 'joy', 'pray', 'raised_hands', 'thinking_face', 'cry'];

/**
 * The sign of a short name, with or without colons; a skin tone is left out.
 * @param {string} name
 * @returns {string | undefined}
 */
export function emoji(name) {
  return BY_NAME.get(name.replace(/^:|:$/g, '').replace(/::skin-tone-\d$/, ''));
}

/** All names, those that are offered first in front. */
export function names() {
  return [...new Set([...USUAL, ...BY_NAME.keys()])];
}
