require "json"

module Glovebox
  # Reading and writing files by their extension.
  module Files
    SEPARATORS = { ".csv" => ",", ".tsv" => "\t" }.freeze

    module_function

    # See Library#load_file.
    def load(path, options)
      raise Errno::ENOENT, path unless File.exist?(path)

      case extension = File.extname(path).downcase
      when ".csv", ".tsv" then load_table(path, SEPARATORS[extension], options)
      when ".json" then parse(text(path), options, path)
      when ".jsonl" then load_lines(path, options)
      else File.read(path, encoding: "UTF-8", **options)
      end
    end

    # See Library#save_file.
    def save(path, content)
      case content
      when String then File.binwrite(path, content)
      when Hash, Array then File.write(path, json(path, content))
      else raise TypeError, "save_file: content must be a String, a Hash or an Array, not #{content.class}"
      end
    end

    # Makes a folder and those above it.
    def make_folder(path)
      return if File.directory?(path)

      make_folder(File.dirname(path))
      Dir.mkdir(path)
    rescue Errno::EEXIST
      raise unless File.directory?(path)
    end

    def load_table(path, separator, options)
      require "csv" # 20 ms that only some programs need
      CSV.parse(text(path), headers: true, col_sep: separator, **options).map(&:to_h)
    rescue CSV::MalformedCSVError => error
      raise error.exception("#{path}: #{error.message}"), cause: nil
    end

    def load_lines(path, options)
      lines = text(path).lines.each.with_index(1).reject { |line, _| line.strip.empty? }
      lines.map { |line, number| parse(line, options, "#{path}:#{number}") }
    end

    # The parser's own message names no file, and begins with a line of the parser.
    def parse(json, options, place)
      JSON.parse(json, options)
    rescue JSON::ParserError => error
      raise error.exception("#{place} is not valid JSON: #{error.message.sub(/\A\d+: /, "")}"), cause: nil
    end

    def text(path)
      File.read(path, encoding: "BOM|UTF-8")
    end

    def json(path, content)
      lines = Array === content && File.extname(path).downcase == ".jsonl"
      lines ? content.map { |item| "#{JSON.generate(item)}\n" }.join : "#{JSON.pretty_generate(content)}\n"
    end

    private_class_method :load_table, :load_lines, :parse, :text, :json
  end
end
