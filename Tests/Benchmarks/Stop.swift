import Glibc

/// Ends the program with a sentence on stderr and an exit code.
func stop(_ code: Int32, _ message: String) -> Never {
  let line = Array("\(message)\n".utf8)
  _ = write(2, line, line.count)
  exit(code)
}
