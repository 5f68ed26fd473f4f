using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Edge.Http;

/// <summary>
/// One request as a handler sees it: parameters that have been checked, the position of the page, the token that ends with the
/// client's interest.
/// </summary>
internal sealed class Call
{
    /// <summary>Most mistakes reported at once; a hostile query could have a thousand.</summary>
    const int ErrorLimit = 20;

    /// <summary>Longest query string, in characters. No declared parameter needs a tenth of it.</summary>
    public const int QueryLimit = 4096;

    readonly Operation _operation;
    readonly CursorCodec _cursors;
    readonly string?[] _texts;

    Call(Operation operation, CursorCodec cursors, string?[] texts, CancellationToken cancelled) =>
        (_operation, _cursors, _texts, Cancelled) = (operation, cursors, texts, cancelled);

    /// <summary>Cancelled when the client has gone.</summary>
    public CancellationToken Cancelled { get; }

    /// <summary>Who calls. Null: nobody in particular, which an operation that needs a session never sees.</summary>
    public Caller? Caller { get; init; }

    /// <summary>Who calls an operation that needs a session.</summary>
    public Caller SignedIn => Caller ?? throw new InvalidOperationException($"{_operation.Path} asks who calls, and does not need a session by its declaration.");

    /// <summary>Joins what is logged of this call with its answer. "none": it serves no request, or many.</summary>
    public string TraceId => Context is null ? "none" : Http.TraceId.Of(Context);

    /// <summary>Of a login, once its body tells the email: null, or the refusal. See <see cref="RateLimiter.AdmitLogin"/>.</summary>
    /// <param name="email">In the one spelling under which it is looked up.</param>
    public Task<Problem?> AdmitLogin(string email) => Context is null ? Task.FromResult<Problem?>(null) : RateLimiter.AdmitLogin(Context, email);

    HttpContext? Context { get; init; }

    /// <summary>The request's body, where the operation has one.</summary>
    public object? Body { get; set; }

    /// <summary><c>If-Match</c>, as it was sent.</summary>
    StringValues IfMatch { get; init; }

    /// <summary>The last row of the page before; null on the first page.</summary>
    public Cursor? After { get; private set; }

    /// <summary>Reads and checks everything that the operation declares; all mistakes are reported at once.</summary>
    public static bool TryRead(
        HttpContext context, Operation operation, CursorCodec cursors, Caller? caller, [NotNullWhen(true)] out Call? call, [NotNullWhen(false)] out Problem? problem)
    {
        var query = context.Request.QueryString;
        if (query.HasValue && query.Value.Length > QueryLimit)
        {
            (call, problem) = (null, Problem.QueryTooLong(QueryLimit));
            return false;
        }

        call = new(operation, cursors, new string?[operation.Parameters.Length], context.RequestAborted)
        {
            Caller = caller,
            Context = context,
            IfMatch = context.Request.Headers.IfMatch,
        };
        List<FieldError>? errors = null;
        for (var i = 0; i < operation.Parameters.Length; i++)
            if (operation.Parameters[i].Place == ParameterPlace.Path)
                call._texts[i] = context.Request.RouteValues[operation.Parameters[i].Name] as string;
            else if (operation.Parameters[i].Place == ParameterPlace.Header)
                call.ReadHeader(context.Request.Headers, i, ref errors);
        if (query.HasValue)
            call.ReadQuery(query.Value, ref errors);
        call.CheckAll(ref errors);

        problem = errors is null ? null : Problem.Invalid(errors);
        return errors is null;
    }

    /// <summary>What a request for the bare path would be. Not for operations that require a parameter.</summary>
    public static Call WithoutParameters(Operation operation, CursorCodec cursors, CancellationToken cancelled) =>
        new(operation, cursors, new string?[operation.Parameters.Length], cancelled);

    /// <summary>
    /// Whether a change may be made to what is <paramref name="current"/>, as its GET shows it: there is no <c>If-Match</c>, or it names the
    /// current ETag, of whichever encoding.
    /// </summary>
    public bool Allows<T>(T current, JsonTypeInfo<T> json)
    {
        if (IfMatch.Count == 0)
            return true;
        var etag = JsonAnswer.StrongETag(JsonAnswer.Render(current, json));
        return JsonAnswer.Matches(IfMatch, etag, strongly: true) || Array.Exists(Rendered.Suffixes, suffix => JsonAnswer.Matches(IfMatch, Rendered.TagOf(etag, suffix), strongly: true));
    }

    /// <summary>The same call for a load that serves many: it ends with the load's deadline, not with one client's interest, and nobody in particular makes it.</summary>
    public Call Detached(CancellationToken deadline) => new(_operation, _cursors, _texts, deadline) { After = After };

    /// <summary>The one spelling of this request, for the cache.</summary>
    public string Key()
    {
        var target = CanonicalTarget(withLimit: true);
        return After is null ? target : target + "#" + _texts[Array.IndexOf(_operation.Parameters, Parameters.Cursor)];
    }

    /// <summary>The value of a declared parameter.</summary>
    public T Get<T>(Parameter<T> parameter)
    {
        var index = Array.IndexOf(_operation.Parameters, parameter);
        return index >= 0
            ? parameter.Value(_texts[index])
            : throw new InvalidOperationException($"{_operation.Path} reads the parameter {parameter.Name}, which it does not declare.");
    }

    /// <summary>
    /// The page made of one row more than asked for, where there are more: the extra row says so, and is not shown.
    /// </summary>
    public Page<T> Page<T>(List<T> rows, int limit, Func<T, Cursor> positionOf)
    {
        if (rows.Count <= limit)
            return new(rows, null);
        rows.RemoveRange(limit, rows.Count - limit);
        return new(rows, _cursors.Write(positionOf(rows[^1]), ListIdentity()));
    }

    /// <summary>The address of the next page, spelled canonically.</summary>
    public string NextLink(string nextCursor)
    {
        var link = new StringBuilder(CanonicalTarget(withLimit: true));
        return link.Append(link.ToString().Contains('?') ? '&' : '?').Append("cursor=").Append(nextCursor).ToString();
    }

    void ReadHeader(IHeaderDictionary headers, int index, ref List<FieldError>? errors)
    {
        var name = _operation.Parameters[index].Name;
        var values = headers[name];
        if (values.Count > 1)
            (errors ??= []).Add(new(name, "is given more than once"));
        else
            _texts[index] = values;
    }

    void ReadQuery(string query, ref List<FieldError>? errors)
    {
        foreach (var pair in new QueryStringEnumerable(query))
        {
            if (errors?.Count == ErrorLimit)
                return;
            if (!PercentText.TryDecode(pair.EncodedName.Span, out var name) || IndexOfQuery(name) is not (>= 0 and var index))
            {
                (errors ??= []).Add(FieldError.OfClientsOwn(pair.EncodedName.Span, "is not a parameter of this route; it takes " + Known()));
                continue;
            }
            if (!PercentText.TryDecode(pair.EncodedValue.Span, out var text))
                (errors ??= []).Add(new(name, "is not percent-encoded UTF-8"));
            else if (_texts[index] is not null)
                (errors ??= []).Add(new(name, "is given more than once"));
            else
                _texts[index] = text;
        }
    }

    void CheckAll(ref List<FieldError>? errors)
    {
        for (var i = 0; i < _texts.Length; i++)
        {
            var parameter = _operation.Parameters[i];
            if (_texts[i] is { } text)
            {
                if (parameter.Check(text) is { } wrong)
                    (errors ??= []).Add(new(parameter.Name, wrong));
            }
            else if (parameter.Required && !Reported(errors, parameter.Name))
            {
                (errors ??= []).Add(new(parameter.Name, "is missing: " + parameter.Description));
            }
        }

        // The cursor comes last: the list that it belongs to is known only once all filters are.
        if (errors is null && _operation.IsPaged && _texts[Array.IndexOf(_operation.Parameters, Parameters.Cursor)] is { } cursorText)
        {
            if (_cursors.TryRead(cursorText, ListIdentity(), out var cursor))
                After = cursor;
            else
                (errors ??= []).Add(new("cursor", "is not a nextCursor of this list; start again without it"));
        }
    }

    /// <summary>Route and filters. The page size is left out: it may change from page to page.</summary>
    string ListIdentity() => CanonicalTarget(withLimit: false);

    string CanonicalTarget(bool withLimit)
    {
        var target = new StringBuilder(_operation.Path);
        var separator = '?';
        for (var i = 0; i < _texts.Length; i++)
        {
            var parameter = _operation.Parameters[i];
            if (parameter.Place == ParameterPlace.Header || parameter == Parameters.Cursor || (parameter == Parameters.Limit && !withLimit) || parameter.Canonical(_texts[i]) is not { } text)
                continue;
            if (parameter.Place == ParameterPlace.Path)
            {
                target.Replace("{" + parameter.Name + "}", Uri.EscapeDataString(text));
                continue;
            }
            target.Append(separator).Append(parameter.Name).Append('=').Append(Uri.EscapeDataString(text));
            separator = '&';
        }
        return target.ToString();
    }

    int IndexOfQuery(string name)
    {
        for (var i = 0; i < _operation.Parameters.Length; i++)
            if (_operation.Parameters[i].Place == ParameterPlace.Query && _operation.Parameters[i].Name == name)
                return i;
        return -1;
    }

    string Known()
    {
        var names = string.Join(", ", _operation.Parameters.Where(static parameter => parameter.Place == ParameterPlace.Query).Select(static parameter => parameter.Name));
        return names.Length == 0 ? "none" : names;
    }

    static bool Reported(List<FieldError>? errors, string name) => errors is not null && errors.Exists(error => error.Field == name);
}
