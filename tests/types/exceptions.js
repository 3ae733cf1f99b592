// What is not checked, and why. Each use is counted in the output.

/** Arguments that Slack takes and the types do not know, by method. */
export const ARGUMENTS = {
  'files.getUploadURLExternal': {
    alt_txt: "so called in Slack's reference, which has an error alt_txt_too_large; the types say alt_text",
  },
};

/** Fields of what others have posted and is passed on as it is, wherever they are. */
export const FIELDS = {
  of_next_year: 'invented by a scenario: what a bot has posted is passed on with what is not known',
  n: 'as of_next_year',
  long: 'as of_next_year',
  small: 'as of_next_year',
  image_width: 'Slack adds it to images that it shows, and takes it back or refuses it; then it is left out',
  image_height: 'as image_width',
  image_bytes: 'as image_width',
  is_animated: 'as image_width',
};

/** Fields of attachments that others have posted and are passed on as they are. */
export const ATTACHMENTS = {
  author_id: 'Slack adds it to attachments that it shows; it goes on as it came',
  channel_id: 'as author_id',
  channel_name: 'as author_id',
  channel_team: 'as author_id',
  file_id: 'as author_id',
  filename: 'as author_id',
  from_url: 'as author_id',
  hide_border: 'as author_id',
  hide_color: 'as author_id',
  id: 'as author_id',
  indent: 'as author_id',
  is_file_attachment: 'as author_id',
  is_msg_unfurl: 'as author_id',
  is_reply_unfurl: 'as author_id',
  is_thread_root_unfurl: 'as author_id',
  list: 'as author_id',
  list_record: 'as author_id',
  list_record_id: 'as author_id',
  list_view: 'as author_id',
  list_view_id: 'as author_id',
  metadata: 'as author_id',
  mimetype: 'as author_id',
  msg_subtype: 'as author_id',
  original_url: 'as author_id',
  service_icon: 'as author_id',
  service_name: 'as author_id',
  service_url: 'as author_id',
  size: 'as author_id',
  thumb_height: 'as author_id',
  thumb_width: 'as author_id',
  video_html: 'as author_id',
  video_html_height: 'as author_id',
  video_html_width: 'as author_id',
  url: 'as author_id',
  mrkdwn_in: 'holds an empty string in payloads that were blanked; it goes on as it came',
  preview: 'as author_id, with fields of its own',
  video_url: 'as author_id',
};

/** Types of blocks and elements that others have posted and are passed on as they are, until Slack refuses them. */
export const TYPES = {
  none: 'a scenario relays a block that is {}: Slack refuses it, and it goes as text',
};
