import Configuration
import Glibc
import Pipeline

extension Command {
  /// `segmenter reset`
  static let reset = Command(
    syntax: CommandSyntax(
      "reset", "Forget all state, so that `run` reads the input from its beginning",
      details: [
        "Deletes the records of the topics of state, statistics, models and changes, and then the group with its"
          + " offsets; topics, settings and rights stay. It lists what it deletes, and asks. While members of the group"
          + " are active it refuses (75): stop them first. If it dies half-way `run` refuses, and a second reset ends"
          + " it. What the input no longer holds cannot be rebuilt."
      ],
      options: [
        CommandOption("dry-run", .none, "only list what would be deleted"),
        CommandOption("keep-changes", .none, "leave the changes: the rebuild numbers its own from 1 again beside them"),
        CommandOption("dead-letters", .none, "delete the dead letters, too"),
        CommandOption("yes", .none, "do not ask; needed where stdin is no terminal"),
      ], settings: ["kafka", "input.topic", "output", "dead_letters.topic", "group", "log"])
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment, required: ["input.topic"])
    try configuration.checkKafka()
    let notices = Notices(configuration.settings.log)
    let choice = StateReset.Choice(
      keepsChanges: arguments.has("keep-changes"), takesDeadLetters: arguments.has("dead-letters"))
    let reset = try StateReset(DaemonOptions(configuration.settings), choice, notices: notices)
    let plan = try reset.prepare()
    if plan.isEmpty {
      Terminal.say("segmenter: the group `\(plan.group)` has no state: there is nothing to reset")
      return
    }
    try Terminal.write(plan.lines.joined(separator: "\n") + "\n")
    for line in plan.consequences { Terminal.say("segmenter: \(line)") }
    if arguments.has("dry-run") { return }
    if !arguments.has("yes") {
      guard isatty(STDIN_FILENO) == 1 else {
        throw CommandFailure(.usage, "stdin is no terminal to ask at: `--yes` deletes without asking")
      }
      Terminal.say("Delete all this? Type the group's name, `\(plan.group)`, to go on:")
      guard readLine() == plan.group else { throw CommandFailure(.usage, "nothing was deleted") }
    }
    try reset.carryOut()
    Terminal.say("segmenter: the state of the group `\(plan.group)` is deleted; `segmenter run` rebuilds it")
  }
}
