module Glovebox
  # Backtraces as Ruby writes them, without the runner's own frames.
  module Backtrace
    FOLDER = "#{__dir__}/".freeze
    LINE = /\A(?<file>.+?):(?<line>\d+)(?::in [`'](?<function>.*)')?\z/

    module_function

    # The exception of a helper as if the helper were a method of Ruby's own, which has the place of its call.
    def without_runner(error, helper)
      lines = error.backtrace
      last = lines&.rindex { |line| line.start_with?(FOLDER) }
      return error if last.nil?

      call = lines[last + 1]&.sub(/:in [`'].*\z/, ":in `#{helper}'")
      theirs = lines.each_index.reject { |index| index < last && lines[index].start_with?(FOLDER) }
      error.set_backtrace(theirs.filter_map { |index| index == last ? call : lines[index] })
      error
    end
  end
end
