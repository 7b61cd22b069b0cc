// The host handles SIGTERM itself: it takes no new connection, finishes its requests in flight, and Main returns.
var builder = WebApplication.CreateBuilder(args);
// Its own limit is 30 s, which is more than the 20 s until SIGKILL.
builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(15));
builder.WebHost.UseUrls($"http://*:{Environment.GetEnvironmentVariable("PORT") ?? "8080"}");
var app = builder.Build();

app.MapGet("/", () => "hello\n");
app.MapGet("/slow", async () =>
{
    Console.WriteLine("busy");
    await Task.Delay(TimeSpan.FromSeconds(1));
    return "hello\n";
});

app.Run();
