import Configuration

/// One subcommand: what it takes and what it calls.
struct Command: Sendable {
  /// What it takes; parsing, help and completion come from it.
  let syntax: CommandSyntax
  /// Runs it with its arguments and the environment. Returns when it is done.
  let run: @Sendable (ParsedCommand, [String: String]) throws -> Void

  /// All subcommands, in the order of help.
  static var all: [Command] {
    [
      replay, analyze, score, run, watch, state, customer, modelShow, modelExport, modelImport, reset, generate,
      configCheck,
      configReference, completion, help, version,
    ]
  }
}
