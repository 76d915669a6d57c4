module Glovebox
  # The program as text: its name, and what Ruby has to read in its place to give its value away.
  #
  # The value of a program is that of its last statement. The whole code becomes the subject of a `case`:
  #
  #   case (first statement       the word before the first token, so that comments keep their magic
  #   last statement
  #   )when ::RubyVM::...;end     calls === of the ValueTaker with the value
  #
  # No line changes its number and no node of the syntax tree its place in the parser's count, by which Ruby finds the
  # column of an error. A program that is not valid, or not valid inside parentheses (BEGIN, a final `return`), is read
  # as it stands; so is one that ends in a definition, which has no value worth telling.
  class Program
    WITHOUT_VALUE = %i[ALIAS BEGIN CLASS DEFN DEFS MODULE POSTEXE SCLASS UNDEF VALIAS].freeze
    LEADING_COMMENTS = /\A(?:\xEF\xBB\xBF)?(?:[ \t\r\f\v]*(?:#[^\n]*)?\n|=begin\b.*?\n=end\b[^\n]*\n)*/mn
    END_OF_CODE = /^__END__\r?$/n

    # `name` is what `ruby main.rb` in the workspace would show. `text` is nil where the file itself will do.
    attr_reader :name, :path, :workspace, :text, :end_of_code

    def initialize(task)
      @path = task["entry"]
      @workspace = task["workspace"]
      @name = @path.delete_prefix("#{@workspace}/")
      @source = File.binread(@path)
      @end_of_code = END_OF_CODE =~ @source || @source.bytesize
    rescue SystemCallError
      @source = nil
    end

    def readable?
      !@source.nil?
    end

    # The path below the workspace of a file that Ruby names so, nil for files elsewhere and code without one.
    def file(path)
      return if path.start_with?("(", "<", "-")

      below = File.expand_path(path, @workspace)
      below.delete_prefix("#{@workspace}/") if below.start_with?("#{@workspace}/")
    end

    # Whether the line with #! says something to an interpreter that starts.
    def options?
      searched? || / -/n.match?(shebang.to_s)
    end

    # Decides on `text`.
    def prepare
      return if !readable? || searched? || !defined?(RubyVM::AbstractSyntaxTree)

      last = last_statement(parse(@source))
      @text = wrapped unless last.nil? || WITHOUT_VALUE.include?(last.type)
      parse(@text) if @text
    rescue SyntaxError, ArgumentError # the latter for an encoding that does not exist
      @text = nil
    end

    # The error for which Ruby does not run the program, nil if there is none. Ruby prints it and keeps no more than
    # "compile error".
    def syntax_error
      quietly { RubyVM::InstructionSequence.compile(@source.dup.force_encoding(Encoding::UTF_8), @name, @path) }
      nil
    rescue SyntaxError => error
      error.set_backtrace([])
      error
    end

    # How many lines `text` has more than the code.
    def added_lines
      text.count("\n") - @source.byteslice(0, @end_of_code).count("\n")
    end

    private

    # From the name of the interpreter on; nil without such a line, empty where it names another one.
    def shebang
      @source.start_with?("#!") ? @source[/.*/n][/ruby.*/n] || "" : nil
    end

    # Ruby takes a file for another interpreter as one that has its program further down.
    def searched?
      shebang == ""
    end

    def parse(source)
      quietly { RubyVM::AbstractSyntaxTree.parse(source.dup.force_encoding(Encoding::UTF_8)) }
    end

    # Warnings are printed when Ruby reads the program.
    def quietly
      verbose, $VERBOSE = $VERBOSE, nil
      yield
    ensure
      $VERBOSE = verbose
    end

    def last_statement(tree)
      body = tree.children.last
      body = body.children.compact.last while body&.type == :BLOCK
      body
    end

    def wrapped
      start = @source[LEADING_COMMENTS].bytesize
      "#{@source.byteslice(0, start)}case (#{@source.byteslice(start...@end_of_code)}\n)when #{ValueTaker::NAME};end\n"
    end
  end
end
