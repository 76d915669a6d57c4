module Glovebox
  # The place of the script in an interpreter that has opened it and not yet read it.
  #
  # Ruby holds two things of its script by then: the open file, an ordinary File, and the name that __FILE__, $0
  # and backtraces will show, a frozen String. Both are found among the objects of the interpreter. The file is
  # reopened on the program. The name is thawed, by clearing one bit of its header through Fiddle, gets the new
  # content and is frozen again. Which bit that is, and which marks interned strings, is seen on probes. All but the
  # exchange itself happens before the interpreter is parked, so that a Ruby in which it fails is known before
  # anything depends on it.
  #
  # The name that is exchanged must be short: Ruby keeps up to 23 bytes inside the object, and only such a string
  # shares its content with no other.
  class ScriptSlot
    LONGEST_INSIDE = 23
    # Ruby's C code looks into the object for the name "-". Of a long name the object holds the length there, and this
    # one looks like it.
    FORBIDDEN_LENGTH = "-".ord

    class << self
      private :new

      # The slot of the script `name`, which is to be exchanged; nil if this Ruby does not allow it.
      def find(name)
        return if name.bytesize > LONGEST_INSIDE

        require "fiddle.so"
        file, own_name = file_of(name), name_of(name)
        new(file, own_name) if file && own_name && thaw(own_name)
      rescue LoadError
        nil
      ensure
        forget_fiddle
      end

      # The slot of a script that is the right one already.
      def find_opened(name)
        file = file_of(name)
        new(file, nil) if file
      end

      private

      def file_of(name)
        only(ObjectSpace.each_object(File).select { |file| !file.closed? && file.path == name })
      end

      # Other frozen strings of this content are interned; Ruby's name of the script is not.
      def name_of(name)
        interned = bit_set_on("probe #{Process.pid}".freeze) { |probe| -probe }
        same = ObjectSpace.each_object(String).select { |string| string.frozen? && string == name }
        only(same.select { |string| string.encoding == Encoding::UTF_8 && (header(string) & interned).zero? })
      end

      def only(found)
        found.first if found.size == 1
      end

      def thaw(string)
        frozen = bit_set_on(+"probe", &:freeze)
        pointer_to(string)[0, 8] = [header(string) & ~frozen].pack("Q")
        !string.frozen?
      end

      def bit_set_on(probe)
        before = header(probe)
        yield probe
        before ^ header(probe)
      end

      # The first word of an object, which holds its flags.
      def header(object)
        pointer_to(object)[0, 8].unpack1("Q")
      end

      def pointer_to(object)
        Fiddle::Pointer.new(Fiddle.dlwrap(object))
      end

      # A program that requires fiddle gets it as if for the first time.
      def forget_fiddle
        $LOADED_FEATURES.reject! { |feature| feature.end_with?("/fiddle.so") }
        Object.send(:remove_const, :Fiddle) if Object.const_defined?(:Fiddle, false)
      end
    end

    def initialize(file, name)
      @file, @name = file, name
    end

    # Makes the program, whose name has not the forbidden length, the script.
    def put(program)
      @name.replace(program.name).freeze
      open(program)
    end

    # Opens the program and has Ruby read its text where that is not what the file holds. What follows __END__ is
    # left to the file, which becomes DATA.
    def open(program)
      # Only a file without a buffer takes a text of any length. Closing gives the buffer back, but keeps the count of
      # what is in it, so it is emptied first.
      @file.read
      @file.close
      @file.reopen(program.name, "r")
      return unless program.text

      @file.seek(program.end_of_code)
      @file.ungetbyte(program.text)
      @file.lineno = -program.added_lines # DATA knows how many lines were read before it
    end
  end
end
