/// The reference of all settings in Markdown, as the README shows it.
package func settingsReference() -> String {
  var text = """
    | setting | what it says | allowed | default | variable |
    | --- | --- | --- | --- | --- |

    """
  for setting in settingsTable {
    let flag = setting.shortFlag.map { " (`--\($0)`)" } ?? ""
    let name = setting.isTable ? "\(setting.key).NAME" : setting.key
    let variable = setting.variable + (setting.isTable ? "_NAME" : "")
    let meaning = setting.defaultText
    let words = [
      "`\(name)`\(flag)", setting.help, setting.allowed,
      meaning.contains("`") || meaning.contains(" ") || meaning == "none" ? meaning : "`\(meaning)`",
      "`\(variable)`",
    ]
    text += "| " + words.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }
  return text
}
