/**
 * The rules that the plugin's role needs.
 *
 * Source: teleport-wire.md, section 8.
 *
 * @module
 */

/** What to add to a role that lacks something, as YAML. */
export const RULE_HINT =
  "add to the plugin's role: rules: [{resources: [access_request], verbs: [list, read]}, " +
  "{resources: [access_plugin_data], verbs: [update]}]";
