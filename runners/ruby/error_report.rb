require_relative "backtrace"
require_relative "values"

module Glovebox
  # The fields of an error message, from an exception.
  module ErrorReport
    MAX_TRACEBACK = 1024 * 1024
    MAX_MESSAGE = 64 * 1024
    MAX_NAME = 500
    MAX_SOURCE = 1000
    # Frames reported from each end of a deep stack.
    MAX_FRAMES_EACH_END = 50
    # The line that the parser shows below what it says, and the marks below that.
    SNIPPET = /\n[^\n]*\n[ \t]*\^~*(?=\n|\z)/

    module_function

    # {type, message, traceback, frames, line}; frames are those of the program's files, outermost first, and of the
    # line that a syntax error names.
    def describe(error, program)
      frames = frames(error, program)
      {
        type: Values.type_name(error),
        message: message(error),
        traceback: traceback(error),
        frames: frames,
        line: frames.last&.fetch(:line)
      }
    end

    # Without the snippets and suggestions that Ruby adds when it prints.
    def message(error)
      said = error.respond_to?(:original_message) ? error.original_message : error.message
      said = Values.text(said)
      said = said.sub(/\A[^\n]+?:\d+: /, "").gsub(SNIPPET, "").chomp if SyntaxError === error
      said[0, MAX_MESSAGE]
    rescue Exception => failure
      Values.failed("message", failure)
    end

    # What Ruby prints for an uncaught exception.
    def traceback(error)
      return "#{Values.text(error.message).chomp}\n" if SyntaxError === error && error.backtrace == []

      text = Values.text(error.full_message(highlight: false, order: :top))
      text.length <= MAX_TRACEBACK ? text : "#{text[0, MAX_TRACEBACK]}\n...\n"
    rescue Exception => failure
      Values.failed("full_message", failure)
    end

    def frames(error, program)
      lines = [*broken_line(error, program), *error.backtrace]
      lines = lines.first(MAX_FRAMES_EACH_END) + lines.last(MAX_FRAMES_EACH_END) if lines.size > 2 * MAX_FRAMES_EACH_END
      lines.filter_map { |line| frame(Values.text(line), program) }.reverse
    rescue Exception
      []
    end

    def frame(text, program)
      found = Backtrace::LINE.match(text)
      path = found && program.file(found[:file])
      return if path.nil?

      line = found[:line].to_i
      function = found[:function] || ""
      { file: path[0, MAX_NAME], line: line, function: function[0, MAX_NAME], source: source(program, path, line) }
    end

    def source(program, path, line)
      text = File.foreach(File.join(program.workspace, path)).first(line)[line - 1]
      text && Values.text(text).strip[0, MAX_SOURCE]
    rescue SystemCallError
      nil
    end

    # The line of a backtrace for the place that the message of a syntax error names, in a file of the program.
    def broken_line(error, program)
      return unless SyntaxError === error

      found = /\A(?<file>[^\n]+?):(?<line>\d+):/.match(Values.text(error.message))
      path = found && program.file(found[:file])
      path && "#{path}:#{found[:line]}:in `#{path == program.name ? "<main>" : "<top (required)>"}'"
    end

    private_class_method :message, :traceback, :frames, :frame, :source, :broken_line
  end
end
