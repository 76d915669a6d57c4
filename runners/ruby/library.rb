require_relative "backtrace"
require_relative "displays"
require_relative "files"
require_relative "values"

module Glovebox
  # What a program can use without requiring it. The names are private methods of Kernel, like puts, so that every
  # class and module of the program has them; a method or a variable of the program of the same name comes first.
  class Library
    MAX_NAME = 200
    MAX_PROGRESS_MESSAGE = 4000
    MISSING = Object.new.freeze
    HELPERS = %i[save_result load_file save_file report_progress].freeze

    Context = Struct.new(:execution_id, :session, :cycle, :metadata, :capabilities, :job_id)

    class << self
      def bind(task, channel)
        library = new(channel, task["workspace"])
        HELPERS.each { |name| define(name) { |arguments| library.public_send(name, *arguments) } }
        givens(task).each { |name, value| Kernel.define_method(name) { value } }
        Kernel.send(:private, *HELPERS, *givens(task).keys)
        define_display(library)
      end

      private

      def givens(task)
        data = task["data"]
        context = Context.new(*Context.members.map { |name| task["context"][name.to_s] }).freeze
        {
          parameters: task["parameters"], data: data, input_data: data, uploaded_files: task["uploadedFiles"],
          workspace: task["workspace"], job_id: task["jobId"], context: context
        }
      end

      # A mistake in a call points at the call, as for a method of Ruby's own.
      def define(name)
        Kernel.define_method(name) do |*arguments|
          yield arguments
        rescue Exception => error
          raise Backtrace.without_runner(error, name)
        end
      end

      # Every object has a method `display` that writes it to a stream. Ours takes over where that could only fail.
      def define_display(library)
        original = Kernel.instance_method(:display)
        Kernel.define_method(:display) do |*objects|
          to_stream = objects.empty? || (objects.one? && Displays::RESPONDS.bind_call(objects.first, :write))
          to_stream ? original.bind_call(self, *objects) : library.display(*objects)
        end
      end
    end

    def initialize(channel, workspace)
      @channel = channel
      @workspace = workspace
    end

    # save_result(name, value) keeps a value as a named result of the run; save_result(value) keeps it as "result".
    # The last one of a name counts.
    def save_result(name, value = MISSING)
      name, value = "result", name if MISSING.equal?(value)
      name = checked_name(name)
      Values.deliver(@channel, { type: "result", name: name }, value, "result #{name.inspect}")
      nil
    end

    # The content of a file by its extension: csv and tsv as an Array of Hashes, json and jsonl as values, everything
    # else as text. `name` is relative to the workspace; options go to the reader.
    def load_file(name, options = {})
      Files.load(path("load_file", name), options)
    end

    # Writes a String, or a Hash or an Array as JSON, to a file below the workspace, making folders on the way.
    # Returns its path.
    def save_file(name, content)
      target = path("save_file", name)
      unless target.start_with?("#{@workspace}/")
        raise ArgumentError, "save_file: name must stay below the workspace #{@workspace}, not #{name.inspect}"
      end

      Files.make_folder(File.dirname(target))
      Files.save(target, content)
      target
    end

    # Says how far the program is: 0 to 1, or a percentage above 1 up to 100, or nil if that is unknown; with a
    # message to show.
    def report_progress(fraction, message = nil)
      message = Values.text(message.to_s)[0, MAX_PROGRESS_MESSAGE] unless message.nil?
      @channel.deliver({ type: "progress", fraction: checked_fraction(fraction), message: message })
      nil
    end

    # Shows objects in all forms they have.
    def display(*objects)
      objects.each { |object| Displays.deliver(@channel, object) }
      nil
    end

    private

    def checked_name(given)
      unless String === given || Symbol === given
        raise TypeError, "save_result: name must be a String or a Symbol, not #{Values.type_name(given)}"
      end

      name = Values.text(given.to_s)
      return name if name.match?(/\S/) && name.length <= MAX_NAME && !name.match?(/[[:cntrl:]]/)

      shown = name[0, 80].inspect
      raise ArgumentError, "save_result: name must have 1 to #{MAX_NAME} printable characters, not #{shown}"
    end

    def checked_fraction(given)
      return if given.nil?
      unless Numeric === given && given.real?
        raise TypeError, "report_progress: fraction must be a number, not #{Values.type_name(given)}"
      end

      number = given.to_f
      return number <= 1 ? number : number / 100 if number >= 0 && number <= 100

      raise ArgumentError, "report_progress: fraction must be from 0 to 1, or a percentage up to 100, not #{number}"
    end

    def path(function, name)
      name = name.to_path if Displays::RESPONDS.bind_call(name, :to_path)
      unless String === name
        raise TypeError, "#{function}: name must be a String or a path, not #{Values.type_name(name)}"
      end
      if name.empty? || name.include?("\0")
        raise ArgumentError, "#{function}: name must be the name of a file, not #{name.inspect}"
      end

      File.expand_path(name, @workspace)
    end
  end
end
