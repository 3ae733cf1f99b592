// What is not checked, and why. Each use is counted in the output.

/** Arguments that Slack takes and the types do not know, by method. */
export const ARGUMENTS = {
  'files.getUploadURLExternal': {
    alt_txt: "so called in Slack's reference, which has an error alt_txt_too_large; the types say alt_text",
  },
  'files.completeUploadExternal': {
    username: 'taken with chat:write.customize, says the page of that scope',
    icon_url: 'as username',
    icon_emoji: 'as username',
  },
};

/** Fields of what others have posted and is passed on as it is, wherever they are. */
export const FIELDS = {
  of_next_year: 'invented by a scenario: what a bot has posted is passed on with what is not known',
};

/** Types of blocks and elements that others have posted and are passed on as they are, until Slack refuses them. */
export const TYPES = {
  none: 'a scenario relays a block that is {}: Slack refuses it, and it goes as text',
};
