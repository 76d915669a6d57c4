require_relative "values"

module Glovebox
  # Displays: one object as {MIME type: text}. text/plain is always there; an object has others by methods that Ruby
  # notebooks know too. Binary types are base64.
  module Displays
    MAX_PLAIN = 20_000
    FORMS = {
      to_html: "text/html", to_markdown: "text/markdown", to_svg: "image/svg+xml", to_latex: "text/latex",
      to_png: "image/png", to_jpeg: "image/jpeg"
    }.freeze
    BINARY = %i[to_png to_jpeg].freeze
    RESPONDS = Kernel.instance_method(:respond_to?)

    module_function

    # Whether a value has more to show than its text.
    def rich?(value)
      FORMS.each_key.any? { |method| RESPONDS.bind_call(value, method) }
    end

    # Sends one display. A form that fails or does not fit is left out with a warning.
    def deliver(channel, value)
      forms = { "text/plain" => String === value ? Values.text(value) : Values.inspection(value, MAX_PLAIN) }
      FORMS.each { |method, type| add(forms, type, method, value, channel) if RESPONDS.bind_call(value, method) }
      until channel.deliver({ type: "display", data: forms })
        largest = forms.keys.max_by { |type| forms[type].bytesize }
        forms.delete(largest)
        channel.warn("display: #{largest} is larger than #{Channel::MAX_MESSAGE_BYTES} bytes and was left out")
      end
    end

    def add(forms, type, method, value, channel)
      made = value.public_send(method)
      return if made.nil?
      raise TypeError, "#{method} returned #{Values.type_name(made)}" unless String === made

      forms[type] = BINARY.include?(method) ? [made].pack("m0") : Values.text(made)
    rescue StandardError => error
      channel.warn("display: #{type} failed: #{Values.inspection(error, 300)}")
    end
    private_class_method :add
  end
end
