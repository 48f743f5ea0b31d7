// snippet: quick-start
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh();
builder.Services.AddHttpClient("catalog", client => client.BaseAddress = new Uri("http://catalog/"));

var app = builder.Build();
app.MapGet("/products/{id:int}", (int id, IHttpClientFactory clients, CancellationToken cancellation) =>
    clients.CreateClient("catalog").GetStringAsync($"products/{id}", cancellation));
app.Run();
// end
