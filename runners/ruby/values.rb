require_relative "channel"

module Glovebox
  # Values as faithful JSON.
  #
  # nil, true, false, valid text, an Integer up to 2**53 - 1 in magnitude, a finite Float, an Array, and a Hash whose
  # keys are all Strings or Symbols of different names become that JSON. Anything else is replaced, where it stands,
  # by a description:
  #
  #   {"$type": "Class::Name", "repr": what inspect returns, at most 2000 characters, ...}
  #
  # and, where they are known cheaply: "length", "items" (the members of a Set, the [key, value] pairs of a Hash),
  # "json" (the nearest JSON rendering). A Hash that has a key "$type" is described too, so that a reader can trust
  # the key. What a value's own code raises ends in the description.
  module Values
    MAX_REPR = 2000
    MAX_TYPE = 500
    # Levels of the JSON, so that descriptions count with what they hold.
    MAX_DEPTH = 64
    MAX_SAFE_INTEGER = 2**53 - 1
    # Room for the frame around the value.
    MAX_BYTES = Channel::MAX_MESSAGE_BYTES - 4096
    # Objects whose `class` or `inspect` is their own, or that have none, are looked at through these.
    CLASS = Kernel.instance_method(:class)
    NAME = Module.instance_method(:name)

    # The value does not fit into one message.
    class TooLarge < StandardError; end

    module_function

    # Sends `message` with the JSON of the value. One too large for a message is described, with a warning that names
    # `what`.
    def deliver(channel, message, value, what)
      converted, complete = faithful(value)
      return if complete && channel.deliver({ **message, value: converted })

      channel.deliver({ **message, value: outline(value) })
      channel.warn("#{what} is too large for one message; only a description of it was kept")
    end

    # The JSON of a value, and whether it is complete: one that takes more than `room` is a description only.
    def faithful(value, room = MAX_BYTES)
      [Converter.new(room).convert(value), true]
    rescue TooLarge
      [outline(value), false]
    rescue Exception => error
      [{ "$type" => type_name(value), "repr" => failed("conversion", error) }, true]
    end

    # A description without members.
    def outline(value)
      described = { "$type" => type_name(value), "repr" => inspection(value) }
      described["length"] = value.length if [String, Array, Hash].include?(class_of(value))
      described
    end

    def class_of(value)
      CLASS.bind_call(value)
    end

    # The name of the nearest class that has one.
    def type_name(value)
      name = nil
      class_of(value).ancestors.find { |ancestor| Class === ancestor && (name = NAME.bind_call(ancestor)) }
      text(name || "BasicObject")[0, MAX_TYPE]
    end

    # What inspect says, at most `limit` characters.
    def inspection(value, limit = MAX_REPR)
      said = text(bounded_inspect(value, limit))
      said.length <= limit ? said : "#{said[0, limit - 3]}..."
    rescue Exception => error
      failed("inspect", error)
    end

    # Valid Unicode, with U+FFFD for what is not.
    def text(string)
      plain = String.new(string)
      plain.force_encoding(Encoding::UTF_8) if plain.encoding == Encoding::BINARY
      plain.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub
    end

    # A large object of Ruby's own is not written out only to be cut.
    def bounded_inspect(value, limit)
      case value
      when Integer
        return "0x#{(value >> (value.bit_length - 4 * limit)).to_s(16)}..." if value.bit_length > 4 * limit
      when String, Array
        return value[0, limit].inspect if value.length > limit
      when Hash
        return value.first(limit).to_h.inspect if value.length > limit
      end
      value.inspect
    end

    def failed(what, error)
      "<#{what} failed: #{type_name(error)}: #{text(error.message)[/.*/][0, 200]}>"
    rescue Exception
      "<#{what} failed>"
    end

    # Converts one value. `room` bounds the size of its JSON from below, so that a value far too large is given up
    # early.
    class Converter
      SHOWN_AS_TEXT = %w[Complex Rational BigDecimal Pathname URI::Generic].freeze
      # Subclasses are read through the methods of Ruby's own class.
      TO_A = Array.instance_method(:to_a)
      KEYS, VALUES = Hash.instance_method(:keys), Hash.instance_method(:values)
      MEMBERS = Struct.instance_method(:to_h)

      def initialize(room)
        @room = room
        @path = {}.compare_by_identity
      end

      def convert(value, depth = 0)
        case value
        when nil, true, false then spend(4) && value
        when Integer then integer(value)
        when Float then value.finite? ? spend(4) && value : describe(value)
        when String then string(value)
        when Array, Hash then container(value, depth)
        else other(value, depth)
        end
      end

      private

      def spend(size)
        @room -= size
        @room.negative? ? raise(TooLarge) : true
      end

      def integer(value)
        value.abs <= MAX_SAFE_INTEGER ? spend(2) && value : describe(value)
      end

      def string(value)
        plain = unicode(value)
        return describe(value, "length" => value.length) if plain.nil?

        spend(plain.bytesize + 3)
        value.instance_of?(String) ? plain : describe(value, "json" => plain)
      end

      # The text in UTF-8, nil if it is none.
      def unicode(value)
        plain = String.new(value)
        return plain.valid_encoding? ? plain : nil if plain.encoding == Encoding::UTF_8

        plain.ascii_only? ? plain.force_encoding(Encoding::UTF_8) : plain.encode(Encoding::UTF_8)
      rescue EncodingError
        nil
      end

      def describe(value, extra = {})
        type, said = Values.type_name(value), Values.inspection(value)
        spend(type.bytesize + said.bytesize + 30)
        { "$type" => type, "repr" => said, **extra }
      end

      def container(value, depth)
        spend(2)
        nested(value, depth) do
          Hash === value ? hash(value, depth + 1) : TO_A.bind_call(value).map { |item| convert(item, depth + 1) }
        end || describe(value)
      end

      # What the block makes of the value's members; nil if they are too deep, hold the value itself or fail, such as
      # a Hash that changes while its members are described.
      def nested(value, depth)
        return if depth >= MAX_DEPTH || @path.key?(value)

        begin
          @path[value] = true
          yield
        rescue TooLarge
          raise
        rescue StandardError
          nil
        ensure
          @path.delete(value)
        end
      end

      def hash(value, depth)
        names = KEYS.bind_call(value).map { |key| key_text(key) }
        return pairs(value, depth) if names.include?(nil) || names.uniq.size < names.size

        names.each { |name| spend(name.bytesize + 4) }
        names.zip(VALUES.bind_call(value)).to_h { |name, item| [name, convert(item, depth)] }
      end

      # The name in JSON of a key, nil if it has none.
      def key_text(key)
        return unless Symbol === key || (String === key && key.instance_of?(String))

        name = unicode(key.to_s)
        name unless name == "$type"
      end

      def pairs(value, depth)
        items = KEYS.bind_call(value).zip(VALUES.bind_call(value)).map do |pair|
          pair.map { |item| convert(item, depth + 2) }
        end
        describe(value, "length" => items.size, "items" => items)
      end

      def other(value, depth)
        describe(value, nested(value, depth) { rendering(value, depth + 2) } || {})
      end

      def rendering(value, depth)
        case value
        when Symbol then { "json" => unicode(value.name) }.compact
        when Time then { "json" => value.strftime(value.nsec.zero? ? "%FT%T%:z" : "%FT%T.%N%:z") }
        when Struct then { "json" => hash(MEMBERS.bind_call(value), depth) }
        else known_by_name(value, depth)
        end
      end

      # Of libraries that the program may not have loaded, and must not get by being looked at.
      def known_by_name(value, depth)
        names = Values.class_of(value).ancestors.map { |ancestor| NAME.bind_call(ancestor) }
        if names.include?("Set")
          { "length" => value.size, "items" => value.to_a.map { |item| convert(item, depth) } }
        elsif names.include?("Date")
          { "json" => value.iso8601 }
        elsif (names & SHOWN_AS_TEXT).any?
          { "json" => value.to_s }
        end
      end
    end
  end
end
